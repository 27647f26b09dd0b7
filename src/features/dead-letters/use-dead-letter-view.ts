'use client'
import { parseAsBoolean, parseAsInteger, parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs'
import { DEAD_LETTER_STATES } from '#domain/dead-letter/dead-letter.ts'

const VIEW = {
  state: parseAsStringLiteral(DEAD_LETTER_STATES).withDefault('open'),
  q: parseAsString.withDefault(''),
  /** By what single messages are looked for over all failure groups. */
  error: parseAsString.withDefault(''),
  destination: parseAsString.withDefault(''),
  key: parseAsString.withDefault(''),
  header: parseAsString.withDefault(''),
  value: parseAsString.withDefault(''),
  expression: parseAsString.withDefault(''),
  /** The failure group whose messages are listed. */
  fingerprint: parseAsString,
  /** A correlation id, trace id or position among its messages. */
  find: parseAsString.withDefault(''),
  /** The message whose details are open. */
  id: parseAsString,
  /** The redrive of the chosen group is being prepared. */
  redrive: parseAsBoolean.withDefault(false),
  /** The discard of the chosen group is being prepared. */
  discard: parseAsBoolean.withDefault(false),
  /** Only this message of the group is to be redriven or discarded. */
  only: parseAsInteger,
}

export type DeadLetterView = ReturnType<typeof useDeadLetterView>[0]

/** What of the dead letters is shown; all of it is in the address, so that it can be passed on. */
export function useDeadLetterView() {
  return useQueryStates(VIEW)
}
