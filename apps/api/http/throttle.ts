import { type CustomDecorator, SetMetadata } from '@nestjs/common';

export const THROTTLED = 'tidings:throttled';

/** At most so many requests a minute for each caller, whatever RATE_LIMIT says. */
export const Throttle = (requestsAMinute: number): CustomDecorator => SetMetadata(THROTTLED, requestsAMinute);
