import { ApiProperty } from '@nestjs/swagger';
import type { Page } from '#database';
import { type Problem, invalidField } from '#problem';
import { QueryIntegerField, TextField } from './fields.js';

export class ListRequest {
  @QueryIntegerField({ description: 'The page size.', minimum: 1, maximum: 100, fallback: 20 })
  limit: number = 20;

  @TextField({
    description: 'The next_cursor of the previous page. Leave it out for the first page.',
    maxLength: 500,
    optional: true,
  })
  cursor?: string;
}

export abstract class ListResponse {
  @ApiProperty({
    type: String,
    nullable: true,
    description: 'The cursor of the next page, or null on the last page.',
  })
  next_cursor!: string | null;
}

/** Opaque to clients, so that the order of a list can change. */
export const encodeCursor = (position: string): string => Buffer.from(position).toString('base64url');

/**
 * The position after which a page begins, or undefined for the first page. Anything that encodeCursor has not created
 * is refused.
 */
export function decodeCursor(
  cursor: string | undefined,
  isPosition: (text: string) => boolean,
): string | undefined {
  if (cursor === undefined) return undefined;
  const position = Buffer.from(cursor, 'base64url').toString();
  if (encodeCursor(position) !== cursor || !isPosition(position)) throw badCursor();
  return position;
}

/** The position in numbered lists: messages of a thread, notifications of a person. */
export function seqOf(cursor: string | undefined): number | undefined {
  const position = decodeCursor(cursor, (text) => /^[1-9]\d{0,14}$/.test(text));
  return position === undefined ? undefined : Number(position);
}

const badCursor = (): Problem => invalidField('cursor', 'must be the next_cursor of a page of this list');

/** A page of a list as the response shows it. The position of its last row is the cursor of the next page. */
export function presentPage<Row, Shown>(
  { rows, hasMore }: Page<Row>,
  present: (row: Row) => Shown,
  position: (row: Row) => string,
): { data: Shown[]; next_cursor: string | null } {
  const last = rows.at(-1);
  return {
    data: rows.map(present),
    next_cursor: hasMore && last ? encodeCursor(position(last)) : null,
  };
}
