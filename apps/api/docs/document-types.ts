import type { OpenAPIObject } from '@nestjs/swagger';
import type { Allowed } from '#access';
import type { ProblemCode } from '#problem';
import type { PROBLEM_CODES } from '../http/problems.js';

export type PathItem = OpenAPIObject['paths'][string];
type NestOperation = NonNullable<PathItem['get']>;
export type Parameter = NonNullable<NestOperation['parameters']>[number];
export type Responses = NonNullable<NonNullable<OpenAPIObject['components']>['responses']>;

export type Operation = NestOperation & { 'x-allow'?: Allowed[]; [PROBLEM_CODES]?: ProblemCode[] };

/** In the order in which Swagger UI shows them. */
export const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;
export type Method = (typeof METHODS)[number];

export interface Route {
  path: string;
  method: Method;
  operation: Operation;
}

export const routesOf = ({ paths }: OpenAPIObject): Route[] =>
  Object.entries(paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation: Operation | undefined = item[method];
      return operation ? [{ path, method, operation }] : [];
    }),
  );

export const isPublic = (operation: Operation): boolean => !operation['x-allow']?.length;
