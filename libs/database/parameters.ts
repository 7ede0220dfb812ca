/** Collects the values of a statement with optional conditions, in the order of their placeholders. */
export class Parameters {
  readonly values: unknown[];

  constructor(...values: unknown[]) {
    this.values = values;
  }

  /** Adds a value and returns its placeholder. */
  add(value: unknown): string {
    return `$${this.values.push(value)}`;
  }

  /** The condition with the placeholder of the value, such as `type = $3`. Empty if the value is undefined. */
  optional(start: string, value: unknown): string[] {
    return value === undefined ? [] : [`${start} ${this.add(value)}`];
  }
}
