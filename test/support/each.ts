/** Does the work for every item, so many at a time, and answers in their order. */
export async function each<Item, Result>(
  items: readonly Item[],
  work: (item: Item, index: number) => Promise<Result>,
  width = 8,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let start = 0; start < items.length; start += width) {
    results.push(
      ...(await Promise.all(
        items.slice(start, start + width).map((item, offset) => work(item, start + offset)),
      )),
    );
  }
  return results;
}
