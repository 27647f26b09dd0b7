import { rememberRecent } from '#domain/remember-recent.ts'

/** Names by which people and frameworks call dead-letter destinations. */
const DEAD_LETTER_NAME = /(?:^|[._\-:])(?:dlq|dlt|dlx|dead[._-]?letters?|error[._-]?queue)(?:$|[._\-:\d])/i

/** Asked of every message: destinations are few. */
export const isDeadLetterName: (destination: string) => boolean = rememberRecent(
  4_096,
  (destination) => DEAD_LETTER_NAME.test(destination),
  256,
)
