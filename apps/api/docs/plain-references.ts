/**
 * Rewrites `{description, allOf: [{$ref}]}`, which OpenAPI 3.0 requires for a reference with a description, as
 * `{$ref, description}`, which 3.1 permits. Generated clients then get the model itself, not an intersection of one.
 */
export function withPlainReferences<Value>(value: Value): Value {
  if (Array.isArray(value)) return value.map(withPlainReferences) as Value;
  if (typeof value !== 'object' || value === null) return value;
  const inner = Object.entries(value).map(([key, one]) => [key, withPlainReferences(one)] as const);
  const { allOf, ...rest } = Object.fromEntries(inner) as { allOf?: { $ref?: string }[] };
  if (!Array.isArray(allOf)) return rest as Value;
  const [only, ...others] = allOf;
  return (only?.$ref && others.length === 0 ? { $ref: only.$ref, ...rest } : { ...rest, allOf }) as Value;
}
