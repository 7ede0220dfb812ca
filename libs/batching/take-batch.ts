/** A telling of so many people takes a transaction long enough to be fast, short enough to hold nobody up. */
const MAX_PEOPLE = 500;

/** The first of them that are about so many people together, at least one. */
export function takeBatch<Item>(items: Item[], peopleOf: (item: Item) => number): Item[] {
  let people = 0;
  const end = items.findIndex((item, index) => (people += peopleOf(item)) > MAX_PEOPLE && index > 0);
  return end === -1 ? items : items.slice(0, end);
}
