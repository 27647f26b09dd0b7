/** Collects the values of a statement; each `bind` gives the placeholder of its value. */
export class BoundValues {
  readonly values: unknown[] = []

  bind(value: unknown): string {
    return `$${this.values.push(value)}`
  }
}
