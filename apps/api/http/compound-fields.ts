import type { ApiPropertyOptions } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsInt,
  IsObject,
  Max,
  Min,
  ValidateBy,
  ValidateNested,
} from 'class-validator';
import { isId } from '#identity';
import { type FieldOptions, CheckedTextField, field } from './fields.js';
import { type RequestClass, Shape } from './shapes.js';

/** Like fields.ts, for values made of other values, and for ids and persons. */

export const IdField = (options: FieldOptions) =>
  CheckedTextField({ ...options, maxLength: 36 }, 'a UUID', isId);

const PERSON_CHARACTERS = 64;

/** A person, by id or username. */
export const PersonField = (options: FieldOptions) =>
  CheckedTextField(
    { ...options, maxLength: PERSON_CHARACTERS },
    'the id or username of a person',
    isStorableName,
  );

const isStorableName = (text: string): boolean => text.trim() === text;

const isPerson = (value: unknown): boolean =>
  typeof value === 'string' && value !== '' && value.length <= PERSON_CHARACTERS && isStorableName(value);

export function PersonsField({ most, ...options }: FieldOptions & { most: number }) {
  const message = `must be a list of 1 to ${most} ids or usernames`;
  const schema = { type: 'array', items: { type: 'string' }, minItems: 1, maxItems: most } as const;
  return field(options, schema, [
    ValidateBy({
      name: 'persons',
      validator: {
        validate: (value: unknown) =>
          Array.isArray(value) && value.length > 0 && value.length <= most && value.every(isPerson),
        defaultMessage: () => message,
      },
    }),
  ]);
}

/** An object with known fields. */
export const ObjectField = (type: RequestClass, options: FieldOptions) =>
  field(options, { type }, [
    Type(() => type),
    ValidateNested({ message: 'must be an object' }),
    IsObject({ message: 'must be an object' }),
    Shape(type),
  ]);

export const ObjectsField = (type: RequestClass, { most, ...options }: FieldOptions & { most: number }) =>
  field(options, { type, isArray: true, maxItems: most }, [
    Type(() => type),
    ValidateNested({ each: true, message: 'must contain objects only' }),
    ArrayMaxSize(most, { message: `must contain at most ${most}` }),
    IsArray({ message: 'must be a list' }),
    Shape(type),
  ]);

/** Passes a value with arbitrary property names unchanged: class-transformer drops names that objects inherit. */
export const asSent = Transform(({ obj, key }: { obj: Record<string, unknown>; key: string }) => obj[key]);

/** An object with arbitrary property names, which a lib checks. */
export const MapField = (schema: ApiPropertyOptions, options: FieldOptions) =>
  field(options, schema, [asSent, IsObject({ message: 'must be an object' })]);

/** A whole number in a body. */
export function IntegerField({
  minimum,
  maximum,
  ...options
}: FieldOptions & { minimum: number; maximum: number }) {
  const message = `must be a whole number from ${minimum} to ${maximum}`;
  return field(options, { type: 'integer', minimum, maximum }, [
    Max(maximum, { message }),
    Min(minimum, { message }),
    IsInt({ message }),
  ]);
}
