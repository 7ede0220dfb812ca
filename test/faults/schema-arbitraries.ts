import type { OpenAPIObject } from '@nestjs/swagger';
import { type Arbitrary, constant, constantFrom, date, dictionary, oneof, option } from 'fast-check';
import { array, boolean, integer, jsonValue, record, string, stringMatching, uuid } from 'fast-check';

export interface Schema {
  $ref?: string;
  anyOf?: Schema[];
  type?: string | string[];
  format?: string;
  enum?: unknown[];
  pattern?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  nullable?: boolean;
  example?: unknown;
}

export interface ResolvedSchema extends Schema {
  type?: string;
}

const MAX_ITEMS = 4;
const MAX_CHARACTERS = 60;

/** Makes values of what an OpenAPI document says of them: such as are documented, and such as are just beyond that. */
export class SchemaArbitraries {
  constructor(private readonly document: OpenAPIObject) {}

  /** The schema without references, and with its nulls as `nullable`. */
  resolve({ $ref, anyOf, ...schema }: Schema): ResolvedSchema {
    const model = $ref && (this.document.components!.schemas![$ref.split('/').at(-1)!] as Schema);
    if (model) return { ...this.resolve(model), ...schema, type: 'object' };
    const [base, ...others] = (anyOf ?? []).filter(({ type }) => type !== 'null');
    if (others.length > 0) throw new Error('Alternatives beside null are not expected.');
    if (base) return { ...this.resolve(base), ...schema, type: this.resolve(base).type, nullable: true };
    const types = [schema.type ?? []].flat();
    const type = types.find((one) => one !== 'null');
    const choices = schema.enum?.filter((value) => value !== null);
    return { ...schema, type, enum: choices, nullable: schema.nullable === true || types.includes('null') };
  }

  /** Often the example, since only that names what is there. */
  valid(given: Schema): Arbitrary<unknown> {
    const schema = this.resolve(given);
    const any = oneof(...this.examples(schema), { weight: 2, arbitrary: this.any(schema) });
    return schema.nullable ? option(any, { freq: 6 }) : any;
  }

  /** Near what is valid, and mostly not. */
  beyond(given: Schema): Arbitrary<unknown> {
    const schema = this.resolve(given);
    const { minimum = 0, maximum = 2 ** 31, maxLength = 100, maxItems = 10 } = schema;
    const others = constantFrom<unknown>(null, '', 0, -1, false, [], {}, 'other', 1.5);
    if (schema.enum) return oneof(others, constantFrom(...schema.enum.map((value) => [value])));
    if (schema.type === 'integer') return oneof(others, constantFrom(minimum - 1, maximum + 1, `${minimum}`));
    if (schema.type === 'array') {
      const item = this.valid(schema.items!);
      return oneof(
        others,
        item,
        item.map((one) => Array.from({ length: maxItems + 1 }, () => one)),
      );
    }
    if (schema.properties) return oneof(others, this.beyondObject(schema));
    if (schema.format === 'date-time')
      return oneof(others, constantFrom('2026-13-45T00:00:00Z', '2026-02-28'));
    return oneof(others, constant('x'.repeat(maxLength + 1)), string({ unit: 'binary', maxLength: 20 }));
  }

  private examples({ example }: ResolvedSchema): { weight: number; arbitrary: Arbitrary<unknown> }[] {
    return example === undefined ? [] : [{ weight: 3, arbitrary: constant(example) }];
  }

  private any(schema: ResolvedSchema): Arbitrary<unknown> {
    const { minimum: min = 0, maximum: max = 2 ** 31 - 1, additionalProperties } = schema;
    if (schema.enum) return constantFrom(...schema.enum);
    if (schema.type === 'boolean') return boolean();
    if (schema.type === 'integer') return integer({ min, max });
    if (schema.type === 'array') {
      const { minItems: minLength = 0, maxItems = MAX_ITEMS } = schema;
      const maxLength = Math.max(minLength, Math.min(maxItems, MAX_ITEMS));
      return array(this.valid(schema.items!), { minLength, maxLength });
    }
    if (schema.properties) return this.object(schema);
    if (typeof additionalProperties === 'object')
      return dictionary(string({ minLength: 1, maxLength: 20 }), this.valid(additionalProperties), {
        maxKeys: 3,
      });
    if (schema.type === 'object') return dictionary(string(), jsonValue({ maxDepth: 2 }), { maxKeys: 3 });
    return this.text(schema);
  }

  /** Of some of its fields: all of them examples, or not. */
  private object(schema: Schema): Arbitrary<Record<string, unknown>> {
    const constants = this.recordOf(schema, (field) => constant(field.example));
    return oneof(
      { weight: 1, arbitrary: constants },
      { weight: 2, arbitrary: this.recordOf(schema, (field) => this.valid(field)) },
    );
  }

  private recordOf(
    { properties = {}, required = [] }: Schema,
    make: (field: Schema) => Arbitrary<unknown>,
  ): Arbitrary<Record<string, unknown>> {
    const fields = Object.entries(properties).map(([name, field]) => [name, make(this.resolve(field))]);
    return record(Object.fromEntries(fields) as Record<string, Arbitrary<unknown>>, {
      requiredKeys: required,
    });
  }

  private text({
    format,
    pattern,
    minLength = 0,
    maxLength = MAX_CHARACTERS,
  }: ResolvedSchema): Arbitrary<unknown> {
    if (format === 'date-time') {
      const [min, max] = [new Date('1970-01-01'), new Date('2999-12-31')];
      return date({ min, max, noInvalidDate: true }).map((time) => time.toISOString());
    }
    if (format === 'uuid') return uuid();
    if (pattern) return stringMatching(new RegExp(pattern));
    const most = Math.max(minLength, Math.min(maxLength, MAX_CHARACTERS));
    const longest = constant('x'.repeat(maxLength));
    return oneof({ weight: 5, arbitrary: string({ unit: 'grapheme', minLength, maxLength: most }) }, longest);
  }

  /** With one field that is not there, that nobody knows, or that is beyond what it may be. */
  private beyondObject(schema: Schema): Arbitrary<Record<string, unknown>> {
    const names = Object.keys(schema.properties!);
    const spoilt = names.map((name) =>
      oneof(this.beyond(schema.properties![name]!), constant(undefined)).map((value) => ({ [name]: value })),
    );
    return record({
      whole: this.object(schema),
      change: oneof(constant({ unknown: 1 }), ...spoilt),
    }).map(({ whole, change }) => ({ ...whole, ...change }));
  }
}
