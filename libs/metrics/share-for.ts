/** Calls share one result while it is made and for so long after that, so any number of them costs as much as one. */
export function shareFor<Result>(milliseconds: number, make: () => Promise<Result>): () => Promise<Result> {
  let latest: Promise<Result> | undefined;
  return () =>
    (latest ??= make().finally(() => setTimeout(() => (latest = undefined), milliseconds).unref()));
}
