/** A page of a list that is sorted by a key. */
export interface PageAfter {
  limit: number;
  /** The key that the page before ended with; undefined for the first page. */
  after?: string;
}

/** A page of a list that is sorted by id, newest first. */
export interface PageBefore {
  limit: number;
  /** The id that the page before ended with; undefined for the first page. */
  before?: string;
}

/** What a list shows of the rows that it found, and whether there are more. */
export interface Page<Row> {
  rows: Row[];
  hasMore: boolean;
}

/** Fetches one row more than the page shows, which tells whether there is a next page. */
export async function fetchPage<List extends { limit: number }, Row>(
  list: List,
  fetch: (list: List) => Row[] | Promise<Row[]>,
): Promise<Page<Row>> {
  const { limit } = list;
  const rows = await fetch({ ...list, limit: limit + 1 });
  return { rows: rows.slice(0, limit), hasMore: rows.length > limit };
}
