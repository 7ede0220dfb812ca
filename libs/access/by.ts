import { type ExecutionContext, createParamDecorator } from '@nestjs/common';
import type { Caller } from '#identity';

/** The caller, as the guard has made it: `@By() caller: Caller` or, on routes for people, `PersonCaller`. */
export const By = createParamDecorator(
  (_data: unknown, context: ExecutionContext) =>
    context.switchToHttp().getRequest<{ caller: Caller }>().caller,
);
