import { invalidField } from '#problem';

export type RequestClass = new () => object;

/** The fields of each request class that are objects, or lists of objects, with known fields. */
const shapes = new Map<object, Map<string, RequestClass>>();

/** Names the class of a nested field. */
export const Shape =
  (type: RequestClass): PropertyDecorator =>
  (prototype, name) => {
    const fields = shapes.get(prototype) ?? new Map<string, RequestClass>();
    shapes.set(prototype, fields.set(String(name), type));
  };

const shapeOf = (prototype: object | null, name: string): RequestClass | undefined =>
  prototype === null
    ? undefined
    : (shapes.get(prototype)?.get(name) ?? shapeOf(Object.getPrototypeOf(prototype) as object | null, name));

/**
 * Refuses names that every object inherits, such as toString, where names are not data. class-transformer drops them
 * and class-validator takes them for known, so they would be ignored.
 */
export function refuseInherited(value: unknown, type: RequestClass, path: readonly string[] = []): void {
  if (Array.isArray(value)) {
    for (const [at, item] of value.entries()) refuseInherited(item, type, [...path, String(at)]);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [name, inner] of Object.entries(value)) {
    const field = [...path, name];
    if (name in Object.prototype) throw invalidField(field.join('.'), 'is not a known field');
    const shape = shapeOf(type.prototype as object, name);
    if (shape) refuseInherited(inner, shape, field);
  }
}
