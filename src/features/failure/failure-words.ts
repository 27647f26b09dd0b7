import type { KnownFailure } from '#features/failure/failure-of.ts'

export interface FailureWords {
  readonly title: string
  /** What to do about it. */
  readonly advice: string
}

const WORDS: Readonly<Record<string, FailureWords>> = {
  unreachable: {
    title: 'Throughline does not answer',
    advice: 'Check that the web process is running and that you are online. It is tried again by itself.',
  },
  'signed-out': { title: 'You are signed out', advice: 'Sign in again to go on.' },
  'password-expired': {
    title: 'Your one-time password has to be replaced',
    advice: 'Choose a password of your own first.',
  },
  'not-found': { title: 'It is not here', advice: 'It may be past its retention, or the link is mistyped.' },
  forbidden: { title: 'Your role does not allow this', advice: 'Ask an admin for the role that does.' },
  invalid: { title: 'That was not understood', advice: 'Correct the marked input and try again.' },
  conflict: { title: 'Something else is in the way', advice: 'Look at its present state, then try again.' },
  limit: { title: 'Too much at once', advice: 'Wait a little or ask for less.' },
  unsupported: { title: 'This cannot be done here', advice: 'The broker or this version does not offer it.' },
  'broker-unavailable': {
    title: 'The broker cannot be reached',
    advice: 'Nothing was changed. It is tried again by itself as soon as the broker answers.',
  },
  'outcome-unknown': {
    title: 'It is not known whether it happened',
    advice: 'Look at the present state before you try again.',
  },
  internal: {
    title: 'Throughline made a mistake',
    advice: 'Try again. If it stays, look up the number below in the log of the web process.',
  },
}

const FALLBACK: FailureWords = { title: 'That did not work', advice: 'Try again in a moment.' }

/** The words of a failure: what happened and what to do. */
export function wordsOf(failure: KnownFailure): FailureWords {
  return WORDS[failure.code] ?? FALLBACK
}

/** Codes whose message was written for a reader and says more than the title. */
const TELLING = new Set(['not-found', 'forbidden', 'invalid', 'conflict', 'limit', 'unsupported', 'broker-unavailable'])

/** The server's own sentence with a capital letter, or null where it would only repeat the title. */
export function sentenceOf(failure: KnownFailure): string | null {
  if (!TELLING.has(failure.code) || failure.message === '') return null
  const sentence = failure.message.charAt(0).toUpperCase() + failure.message.slice(1)
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`
}
