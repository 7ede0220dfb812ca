import { ApiExtension } from '@nestjs/swagger';
import type { ProblemCode } from '#problem';

/** The key of an operation's own problem codes; docs/problem-responses.ts reads it and takes it out. */
export const PROBLEM_CODES = 'x-problems';

/**
 * The problem codes of this route beyond those that every route of its kind can return. What is listed here becomes an
 * error response in the OpenAPI document, and the tests hold every response against that.
 */
export const Problems = (...codes: ProblemCode[]): MethodDecorator => ApiExtension(PROBLEM_CODES, codes);
