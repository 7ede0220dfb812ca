/** Handlers at work at once: each takes a connection of those that requests need too. */
const HANDS = 6;

let free = HANDS;
const waiting: (() => void)[] = [];

/** Does the work as soon as there is a hand for it. Whoever has one must not wait for another. */
export async function withHand(work: () => Promise<void>): Promise<void> {
  if (free > 0) free--;
  else await new Promise<void>((resolve) => waiting.push(resolve));
  try {
    await work();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else free++;
  }
}
