/** A failure that a person can do something about: what went wrong, and what to do. */
export class Trouble extends Error {
  readonly remedy: string

  constructor(cause: string, remedy: string, options?: ErrorOptions) {
    super(cause, options)
    this.remedy = remedy
  }
}
