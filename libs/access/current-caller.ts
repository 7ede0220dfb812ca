import { type ExecutionContext, createParamDecorator } from '@nestjs/common';
import type { Caller } from '#identity';

/**
 * The caller, as the guard has resolved it: `@CurrentCaller() caller: Caller` or, on routes for people,
 * `PersonCaller`.
 */
export const CurrentCaller = createParamDecorator(
  (_data: unknown, context: ExecutionContext) =>
    context.switchToHttp().getRequest<{ caller: Caller }>().caller,
);
