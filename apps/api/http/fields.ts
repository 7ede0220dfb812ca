import { applyDecorators } from '@nestjs/common';
import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsOptional,
  Matches,
  Max,
  Min,
  ValidateBy,
} from 'class-validator';
import { isVisible } from './visible-text.js';

/** One decorator per field validates and documents it, so that the two cannot differ. */
export interface FieldOptions {
  description: string;
  example?: unknown;
  optional?: boolean;
  /** null is distinct from an omitted field, and clears the value. */
  nullable?: boolean;
}

export function field(
  { description, example, optional = false, nullable = false }: FieldOptions,
  schema: ApiPropertyOptions,
  rules: PropertyDecorator[],
): PropertyDecorator {
  const api = {
    ...schema,
    description,
    example,
    required: !optional,
    ...(nullable && { nullable }),
  } as ApiPropertyOptions;
  return applyDecorators(
    ApiProperty(api),
    ...rules,
    ...(optional ? [IsOptional()] : []),
    ...(optional && !nullable ? [nullIsLeftOut] : []),
  );
}

const nullIsLeftOut = Transform(({ value }: { value: unknown }) => (value === null ? undefined : value));

interface TextOptions extends FieldOptions {
  minLength?: number;
  maxLength: number;
  pattern?: RegExp;
  /** The pattern in words. */
  patternMessage?: string;
}

export function TextField({ minLength = 1, maxLength, pattern, patternMessage, ...options }: TextOptions) {
  const schema = {
    type: 'string' as const,
    minLength,
    maxLength,
    ...(pattern && { pattern: pattern.source }),
  };
  return field(options, schema, [
    characters(minLength, maxLength),
    ...(pattern ? [Matches(pattern, { message: patternMessage })] : []),
  ]);
}

/** Counts characters as PostgreSQL does, not UTF-16 units. A text of invisible characters is refused. */
function characters(minimum: number, maximum: number): PropertyDecorator {
  return ValidateBy({
    name: 'characters',
    validator: {
      validate: (value: unknown) => {
        if (typeof value !== 'string') return false;
        const length = [...value].length;
        return length >= minimum && length <= maximum && (minimum === 0 || isVisible(value));
      },
      defaultMessage: () => `must be a text of ${minimum} to ${maximum} characters, not only blanks`,
    },
  });
}

/** A text that a function checks. */
export function CheckedTextField(
  options: Omit<TextOptions, 'pattern'>,
  name: string,
  isValid: (value: string) => boolean,
): PropertyDecorator {
  const check = ValidateBy({
    name,
    validator: {
      validate: (value: unknown) => typeof value === 'string' && isValid(value),
      defaultMessage: () => `must be ${name}`,
    },
  });
  return applyDecorators(TextField(options), check);
}

export function ChoiceField(options: FieldOptions & { choices: readonly string[] }) {
  const { choices } = options;
  return field(options, { type: 'string', enum: [...choices] }, [
    IsIn(choices, { message: `must be one of: ${choices.join(', ')}` }),
  ]);
}

export function ChoicesField(options: FieldOptions & { choices: readonly string[] }) {
  const { choices } = options;
  const schema = {
    type: 'array',
    items: { type: 'string', enum: [...choices] },
    maxItems: choices.length,
  } as const;
  return field(options, schema as ApiPropertyOptions, [
    IsIn(choices, { each: true, message: `must contain only: ${choices.join(', ')}` }),
    ArrayUnique({ message: 'must not contain duplicates' }),
    ArrayMaxSize(choices.length, { message: `must contain at most ${choices.length}` }),
    IsArray({ message: 'must be a list' }),
  ]);
}

/** true or false in a query string. */
export const QueryBooleanField = (options: FieldOptions) =>
  field({ ...options, optional: true }, { type: 'boolean' }, [
    Transform(({ value }: { value: unknown }) => ({ true: true, false: false })[value as string] ?? value),
    IsBoolean({ message: 'must be true or false' }),
  ]);

export const BooleanField = (options: FieldOptions) =>
  field(options, { type: 'boolean' }, [IsBoolean({ message: 'must be true or false' })]);

/** A whole number in a query string. */
export function QueryIntegerField(
  options: FieldOptions & { minimum: number; maximum: number; fallback?: number },
) {
  const { minimum, maximum, fallback } = options;
  const message = `must be a whole number from ${minimum} to ${maximum}`;
  return field({ ...options, optional: true }, { type: 'integer', minimum, maximum, default: fallback }, [
    Transform(({ value }: { value: unknown }) =>
      typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value,
    ),
    IsInt({ message }),
    Min(minimum, { message }),
    Max(maximum, { message }),
  ]);
}

const RFC_3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/i;

/** A time, which is passed as a Date. */
export function TimeField(options: FieldOptions & { future?: boolean }) {
  return field(options, { type: 'string', format: 'date-time' }, [
    Transform(({ value }: { value: unknown }) => parseTime(value)),
    ValidateBy({
      name: 'time',
      validator: {
        validate: (value: unknown) =>
          value instanceof Date && (!options.future || value.getTime() > Date.now()),
        defaultMessage: () =>
          `must be a time such as 2027-01-31T12:00:00Z${options.future ? ', and in the future' : ''}`,
      },
    }),
  ]);
}

function parseTime(value: unknown): unknown {
  if (typeof value !== 'string' || !RFC_3339.test(value)) return value;
  const time = new Date(value);
  const day = Number(value.slice(8, 10));
  // Date would take the 31st of February for the 3rd of March.
  const lastDay = new Date(Date.UTC(Number(value.slice(0, 4)), Number(value.slice(5, 7)), 0)).getUTCDate();
  return Number.isNaN(time.getTime()) || day > lastDay ? value : time;
}
