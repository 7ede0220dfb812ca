/** A transaction about this many people is long enough to be efficient, and short enough to delay nobody. */
const MAX_PEOPLE = 500;

/** The first items that concern at most MAX_PEOPLE people together; at least one item. */
export function takeBatch<Item>(items: Item[], peopleOf: (item: Item) => number): Item[] {
  let people = 0;
  const end = items.findIndex((item, index) => (people += peopleOf(item)) > MAX_PEOPLE && index > 0);
  return end === -1 ? items : items.slice(0, end);
}
