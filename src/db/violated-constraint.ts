/** SQLSTATE unique_violation. */
const UNIQUE_VIOLATION = '23505'

/** The unique constraint or index that a statement ran into, however deep the driver's error is wrapped; else null. */
export function findViolatedConstraint(thrown: unknown): string | null {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    const { code, constraint } = error as { code?: unknown; constraint?: unknown }
    if (code === UNIQUE_VIOLATION && typeof constraint === 'string') return constraint
  }
  return null
}
