import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { Caller } from '#identity';
import { ActAsTraceService } from './act-as-trace.service.js';

interface RoutedRequest {
  method: string;
  routeOptions: { url?: string };
  caller?: Caller;
}

/** Audits requests on behalf of people before they are handled. It runs after the access guard. */
@Injectable()
export class ActAsGuard implements CanActivate {
  constructor(private readonly trace: ActAsTraceService) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const { caller, method, routeOptions } = context.switchToHttp().getRequest<RoutedRequest>();
    if (!caller || caller.kind === 'person' || caller.userId === undefined) return true;
    await this.trace.record({
      caller: { ...caller, userId: caller.userId },
      method,
      route: routeOptions.url ?? '',
    });
    return true;
  }
}
