/** The values of a statement whose text depends on what is asked for, in the order of their placeholders. */
export class Parameters {
  readonly values: unknown[];

  constructor(...values: unknown[]) {
    this.values = values;
  }

  /** Keeps a value, and returns its placeholder. */
  add(value: unknown): string {
    return `$${this.values.push(value)}`;
  }

  /** What ends with the placeholder of the value: `type = $3`. Nothing where the value is undefined. */
  optional(start: string, value: unknown): string[] {
    return value === undefined ? [] : [`${start} ${this.add(value)}`];
  }
}
