import type { FastifyRequest } from 'fastify';
import { Problem, invalidField, notFound } from '#problem';

const MAX_DEPTH = 32;
/** Nest silently removes these from a body at any depth. */
const TAKEN_OUT = ['__proto__', 'constructor', 'prototype'];

/**
 * Refuses, before any other code reads it, input that PostgreSQL cannot store or recursion might not survive: NUL,
 * halves of surrogate pairs, and deep nesting.
 */
export function guardInput(request: FastifyRequest): void {
  if (!isStorable(Object.values(request.params ?? {}).join(''))) throw notFound();
  inspect(request.query, '', 0);
  const { body } = request;
  if (body === undefined) return;
  if (body === null || typeof body !== 'object' || Array.isArray(body)) {
    throw new Problem('validation_failed', 'The body must be a JSON object.');
  }
  inspect(body, '', 0);
}

const isStorable = (text: string): boolean => !text.includes('\0') && text.isWellFormed();

function inspect(value: unknown, field: string, depth: number): void {
  if (depth > MAX_DEPTH) throw invalidField(field, `must be nested at most ${MAX_DEPTH} levels deep`);
  if (typeof value === 'string' && !isStorable(value)) {
    throw invalidField(field, 'must not contain NUL or half of a surrogate pair');
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [name, inner] of Object.entries(value)) {
    if (!isStorable(name))
      throw invalidField(field || 'body', 'must not have a name with NUL or half of a surrogate pair');
    const path = field === '' ? name : `${field}.${name}`;
    // For any body or query. shapes.ts checks nested objects.
    const isInherited = depth === 0 && name in Object.prototype;
    if (isInherited || TAKEN_OUT.includes(name)) throw invalidField(path, 'is not a known field');
    inspect(inner, path, depth + 1);
  }
}
