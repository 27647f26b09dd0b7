/** What a topic's name says about dead letters: the rule that it fits and the origin that it names. */
export interface DeadLetterName {
  readonly pattern: string
  readonly origin: string | null
}

const SUFFIXES: readonly { readonly pattern: string; readonly expression: RegExp }[] = [
  { pattern: '*-dlt', expression: /^(.+?)(?:-retry(?:-\d+)?)?[-._]dlt(?:-\d+)?$/i },
  { pattern: '*.dlq', expression: /^(.+?)[-._]dlq$/i },
  { pattern: '*-dead-letter*', expression: /^(.+?)[-._]dead[-._]?letters?(?:[-._](?:queue|topic))?$/i },
  { pattern: '*_error', expression: /^(.+?)[-._](?:error|poison|poisoned|parking-?lot)$/i },
]
const PREFIX = /^(?:dlq|dlt|dead[-._]?letters?)[-._](.+)$/i
const RETRY = /[-._]retry(?:[-._]?\d+)?$/i

/** null for a name that fits no rule. Spring's retry topics are no dead letters: their messages are still under way. */
export function matchDeadLetterName(topic: string): DeadLetterName | null {
  if (RETRY.test(topic)) return null
  for (const { pattern, expression } of SUFFIXES) {
    const origin = expression.exec(topic)?.[1]
    if (origin !== undefined) return { pattern, origin }
  }
  const named = PREFIX.exec(topic)?.[1]
  if (named !== undefined) return { pattern: 'dlq.*', origin: named }
  return /^(?:dlq|dlt|dead[-._]?letters?)$/i.test(topic) ? { pattern: 'dlq', origin: null } : null
}

/** Whether the name is that of a retry topic, whose headers look like a dead letter's. */
export const isRetryName = (topic: string): boolean => RETRY.test(topic)
