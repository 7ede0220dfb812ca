import { type ExecutionContext, createParamDecorator } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Problem, invalidField } from '#problem';
import { isVisible } from '../http/visible-text.js';

const HEADER = 'X-Access-Reason';
const MAX_REASON_LENGTH = 500;

/** The reason for access to data of others. Header values are bytes, which are decoded as UTF-8. */
export const AccessReason = createParamDecorator((_data: unknown, context: ExecutionContext): string => {
  const header = context.switchToHttp().getRequest<FastifyRequest>().headers[HEADER.toLowerCase()];
  const reason = typeof header === 'string' ? Buffer.from(header, 'latin1').toString('utf8').trim() : '';
  if (!isVisible(reason))
    throw new Problem('reason_required', `Give a reason in ${HEADER}: the audit log keeps it.`);
  if (reason.length > MAX_REASON_LENGTH) {
    throw invalidField(HEADER, `must have at most ${MAX_REASON_LENGTH} characters`);
  }
  return reason;
});

export const ApiAccessReason = (): MethodDecorator =>
  ApiHeader({
    name: HEADER,
    required: true,
    description: 'The reason, for the audit log.',
    schema: { type: 'string', maxLength: MAX_REASON_LENGTH, example: 'Complaint 2031' },
  });
