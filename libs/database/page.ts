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
