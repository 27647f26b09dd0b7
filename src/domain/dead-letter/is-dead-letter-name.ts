/** Names by which people and frameworks call dead-letter destinations. */
const DEAD_LETTER_NAME = /(?:^|[._\-:])(?:dlq|dlt|dlx|dead[._-]?letters?|error[._-]?queue)(?:$|[._\-:\d])/i

export const isDeadLetterName = (destination: string): boolean => DEAD_LETTER_NAME.test(destination)
