/** A failure that a person can do something about: what went wrong, and what to do. */
export class Trouble extends Error {
  readonly remedy: string

  constructor(cause: string, remedy: string, options?: ErrorOptions) {
    super(cause, options)
    this.remedy = remedy
  }
}

/** What went wrong as something that a person can act on; a failure that knows its own remedy keeps it. */
export function toTrouble(error: unknown, remedy: string): Trouble {
  if (error instanceof Trouble) return error
  return new Trouble(error instanceof Error ? error.message : String(error), remedy, { cause: error })
}
