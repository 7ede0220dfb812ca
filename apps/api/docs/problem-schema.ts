import { PROBLEMS } from '#problem';

/** The body of every error response, as RFC 9457 defines it. */
export const PROBLEM_SCHEMA = {
  type: 'object' as const,
  required: ['type', 'title', 'status', 'code', 'request_id'],
  properties: {
    type: {
      type: 'string' as const,
      format: 'uri',
      description: 'A URN that names the kind of problem.',
      example: 'urn:tidings:problem:not_found',
    },
    title: {
      type: 'string' as const,
      description: 'The kind of problem in words, for people. It may change.',
      example: PROBLEMS.not_found[1],
    },
    status: { type: 'integer' as const, description: 'The HTTP status.', example: 404 },
    detail: {
      type: 'string' as const,
      description: 'What is wrong with this request and what to do. It may change.',
      example: PROBLEMS.not_found[2],
    },
    code: {
      type: 'string' as const,
      description: 'The kind of problem for programs. It does not change.',
      enum: Object.keys(PROBLEMS),
      example: 'not_found',
    },
    request_id: {
      type: 'string' as const,
      description: 'The X-Request-Id of this request. The log has it too.',
      example: '0199a000-0000-7000-8000-000000000701',
    },
    errors: {
      type: 'array' as const,
      description: 'The invalid fields.',
      items: {
        type: 'object' as const,
        required: ['field', 'message'],
        properties: {
          field: { type: 'string' as const, description: 'The path of the field.', example: 'limit' },
          message: { type: 'string' as const, example: 'must be a whole number from 1 to 100' },
        },
      },
    },
  },
};
