/**
 * Where a message is inside its destination. `lane` is the ordered part (a Kafka partition; '' where a destination has
 * no parts), `sequence` the place there (an offset, a job id). Opaque outside its adapter but for printing and equality.
 */
export interface Position {
  readonly lane: string
  readonly sequence: string
}

/** `3@88120417` for a lane, `@7f3a...` without one. Round-trips through {@link parsePosition}. */
export function printPosition(position: Position): string {
  return `${position.lane}@${position.sequence}`
}

/** The inverse of {@link printPosition}; null for text that is not a position. */
export function parsePosition(text: string): Position | null {
  const at = text.indexOf('@')
  return at < 0 || at === text.length - 1 ? null : { lane: text.slice(0, at), sequence: text.slice(at + 1) }
}
