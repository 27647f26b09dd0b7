import { firstApplicationFrame, printFrame } from '#domain/dead-letter/application-frame.ts'
import type { DeathCertificate, Fingerprint } from '#domain/dead-letter/dead-letter.ts'
import { normaliseMessage } from '#domain/dead-letter/normalise-message.ts'
import { rememberRecent } from '#domain/remember-recent.ts'
import { parseStackTrace, type TracedException } from '#domain/dead-letter/stack-trace.ts'

/** Classes that say nothing about the cause: with them the message tells causes apart, also at one place in the code. */
const GENERIC_CLASS =
  /(?:^|\.)(?:Error|Exception|Throwable|RuntimeException|AssertionError|IllegalStateException|IllegalArgumentException|ApplicationException|panic|error)$/

/** Title length that a list row can show. */
const MAX_TITLE = 200

/**
 * What dead letters of one cause share: the business exception's class and the first frame of the application's own code.
 * The message (variable parts removed) joins in only where those two do not tell: no frame, or a generic class.
 */
export function fingerprintOf(certificate: DeathCertificate): Fingerprint {
  const { exceptionClass } = certificate
  const frame = certificate.stack === null ? null : findFrame(`${exceptionClass ?? ''}\n${certificate.stack}`).frame
  const normalisedMessage =
    certificate.exceptionMessage === null ? null : normaliseMessage(certificate.exceptionMessage)
  const needsMessage = frame === null || exceptionClass === null || GENERIC_CLASS.test(exceptionClass)
  const identity = [exceptionClass ?? '', frame ?? '', needsMessage ? (normalisedMessage ?? '') : '']
  return {
    hash: hash64(identity.join('\u0000')),
    title: titleOf(exceptionClass, frame, needsMessage ? normalisedMessage : null).slice(0, MAX_TITLE),
    exceptionClass,
    frame,
    normalisedMessage,
  }
}

function titleOf(exceptionClass: string | null, frame: string | null, message: string | null): string {
  const shortClass = exceptionClass?.split('.').at(-1)?.split(/[$+]/).at(-1) ?? null
  if (shortClass !== null && frame !== null) {
    return message === null ? `${shortClass} at ${frame}` : `${shortClass} at ${frame}: ${message}`
  }
  if (shortClass !== null) return message === null || message === '' ? shortClass : `${shortClass}: ${message}`
  return message === null || message === '' ? 'No reason given' : message
}

/**
 * Of the business exception first; when its frames are all of libraries, of its causes and then of its wrappers. The key
 * is the business class, a line feed and the stack.
 */
const findFrame = rememberRecent(200, (key): { readonly frame: string | null } => {
  const lineFeed = key.indexOf('\n')
  const businessClass = key.slice(0, lineFeed)
  const chain = parseStackTrace(key.slice(lineFeed + 1))
  const at = chain.findIndex(({ exceptionClass }) => exceptionClass === businessClass)
  const ordered: readonly TracedException[] =
    at < 0 ? chain.toReversed() : [...chain.slice(at), ...chain.slice(0, at).toReversed()]
  for (const exception of ordered) {
    const frame = firstApplicationFrame(exception)
    if (frame !== null) return { frame: printFrame(frame) }
  }
  return { frame: null }
})

/** 64 bits as 16 hex digits: two rounds of cyrb53's mixing (bryc, public domain); not for secrets. */
function hash64(text: string): string {
  let high = 0xdeadbeef
  let low = 0x41c6ce57
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    high = Math.imul(high ^ code, 2_654_435_761)
    low = Math.imul(low ^ code, 1_597_334_677)
  }
  high = Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909)
  low = Math.imul(low ^ (low >>> 16), 2_246_822_507) ^ Math.imul(high ^ (high >>> 13), 3_266_489_909)
  return [high, low].map((part) => (part >>> 0).toString(16).padStart(8, '0')).join('')
}
