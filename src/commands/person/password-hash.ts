import { randomBytes, randomInt } from 'node:crypto'
import { hash, verify } from '@node-rs/argon2'
import { Failure } from '#domain/failure.ts'

/** Argon2id at 19 MiB, two passes, one lane: the OWASP minimum that a login page can bear under load. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const

/** Hashes in flight at once; each holds 19 MiB and a thread, so that a flood of sign-ins cannot exhaust the process. */
const MAX_IN_FLIGHT = 8
let inFlightCount = 0

/** Salted; the parameters travel in the text. @throws Failure `limit` when too many are under way. */
export function hashPassword(password: string): Promise<string> {
  return bounded(() => hash(normalise(password), COST))
}

/**
 * Takes as long for an unknown person (`stored` null) as for a known one, so that timing does not tell who exists.
 *
 * @throws Failure `limit` when too many are under way
 */
export function verifyPassword(stored: string | null, password: string): Promise<boolean> {
  return bounded(async () => {
    if (stored !== null) return verify(stored, normalise(password))
    await hash(normalise(password), COST)
    return false
  })
}

const ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789'

/** Twenty letters and digits in groups of five (99 bits), none of which looks like another. */
export function makeOneTimePassword(): string {
  const group = () => Array.from({ length: 5 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')
  return [group(), group(), group(), group()].join('-')
}

/** 256 random bits; what the database keeps of it is its SHA-256. */
export function makeSessionToken(): string {
  return randomBytes(32).toString('base64url')
}

/** The same password typed on another keyboard may arrive composed differently. */
const normalise = (password: string) => password.normalize('NFKC')

async function bounded<Result>(work: () => Promise<Result>): Promise<Result> {
  if (inFlightCount >= MAX_IN_FLIGHT) {
    throw new Failure('limit', 'too many people are signing in at this moment', { retryable: true })
  }
  inFlightCount += 1
  try {
    return await work()
  } finally {
    inFlightCount -= 1
  }
}
