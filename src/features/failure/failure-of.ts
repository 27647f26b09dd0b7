/** What the browser knows of a failure. `unreachable` = no answer came at all. */
export interface KnownFailure {
  readonly code: string
  readonly message: string
  readonly details: Readonly<Record<string, unknown>>
  /** Names the line in the server's log, where there is one. */
  readonly errorId: string | null
}

/** Reads what the server reported out of whatever a query or mutation threw. */
export function failureOf(error: unknown): KnownFailure {
  const message = error instanceof Error ? error.message : String(error)
  const answer = propertyOf(error, 'data')
  const failure = propertyOf(answer, 'failure')
  const code = propertyOf(failure, 'code')
  if (typeof code === 'string') {
    const details = propertyOf(failure, 'details')
    const errorId = propertyOf(failure, 'errorId')
    return {
      code,
      message,
      details: isRecord(details) ? details : {},
      errorId: typeof errorId === 'string' ? errorId : null,
    }
  }
  return { code: isRecord(answer) ? 'internal' : 'unreachable', message, details: {}, errorId: null }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function propertyOf(value: unknown, name: string): unknown {
  return isRecord(value) ? value[name] : undefined
}
