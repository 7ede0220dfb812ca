/** What was decided for one notification on each channel, and by which rule: what its explanation shows. */
export type Decisions = Record<string, Decision>;

export interface Decision {
  value: string;
  rule: string;
  /** Until when a pause or quiet hours hold it back. */
  delayed_until: string | null;
}
