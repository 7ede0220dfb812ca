import { ApiExtension } from '@nestjs/swagger';
import type { ProblemCode } from '#problem';

/** The key of an operation's own problem codes. docs/problem-responses.ts reads and removes it. */
export const PROBLEM_CODES = 'x-problems';

/**
 * The problem codes of this route beyond those of every route of its kind. They become error responses in the OpenAPI
 * document, and tests check every response against that.
 */
export const Problems = (...codes: ProblemCode[]): MethodDecorator => ApiExtension(PROBLEM_CODES, codes);
