/** What stands where something was masked. */
export const MASK = '••••••••'

/** Field and header names whose values nobody gets to see, folded: lower case without `_`, `-` and `.`. */
const DEFAULT_FIELDS = [
  'password',
  'passwd',
  'passphrase',
  'secret',
  'clientsecret',
  'token',
  'accesstoken',
  'refreshtoken',
  'idtoken',
  'apikey',
  'xapikey',
  'authorization',
  'proxyauthorization',
  'cookie',
  'setcookie',
  'privatekey',
  'card',
  'cardnumber',
  'creditcard',
  'pan',
  'cvv',
  'cvc',
  'iban',
  'ssn',
]

export interface MaskRule {
  /** Folded names. */
  readonly fields: ReadonlySet<string>
}

const foldName = (name: string): string => name.toLowerCase().replaceAll(/[_\-. ]/g, '')

/** The built-in rule, with further field names from the configuration: `email, customer_name`. */
export function openMaskRule(furtherFields: string): MaskRule {
  return {
    fields: new Set([...DEFAULT_FIELDS, ...furtherFields.split(',').map(foldName)].filter((name) => name !== '')),
  }
}

export const isMaskedName = ({ fields }: MaskRule, name: string): boolean => fields.has(foldName(name))

export interface MaskedText {
  readonly text: string
  /** Values that were replaced. */
  readonly maskedCount: number
}

/** Strings, punctuation and other scalars of JSON, in that order; what lies between is white space. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s{}[\]:,"]+/g

/**
 * JSON text with the values of masked fields replaced, however deep; everything else stays as it was written, digit by
 * digit. Values that give themselves away ({@link maskText}) are replaced wherever they stand.
 */
export function maskJson(rule: MaskRule, json: string): MaskedText {
  let maskedCount = 0
  let out = ''
  let at = 0
  let name: string | null = null
  let lastText = ''
  /** How deep inside a masked object or list; 0 outside. */
  let maskedDepth = 0
  const replace = (): string => {
    maskedCount += 1
    return `"${MASK}"`
  }
  for (const { 0: token, index } of json.matchAll(TOKEN)) {
    out += json.slice(at, index)
    at = index + token.length
    if (token === ':') name = lastText
    else if (token === ',') name = null
    if (token.length === 1 && '{}[]:,'.includes(token)) {
      const isMasked = maskedDepth > 0 || (name !== null && isMaskedName(rule, name))
      if ('{['.includes(token)) maskedDepth += isMasked ? 1 : 0
      else if ('}]'.includes(token)) maskedDepth -= maskedDepth > 0 ? 1 : 0
      if ('{[}]'.includes(token)) name = null
      out += token
      continue
    }
    const isKey = token.startsWith('"') && /^\s*:/.test(json.slice(at, at + 64))
    if (isKey) {
      lastText = token.slice(1, -1)
      out += token
    } else if (token !== 'null' && (maskedDepth > 0 || (name !== null && isMaskedName(rule, name)))) out += replace()
    else {
      const inside = maskText(token)
      maskedCount += inside.maskedCount
      out += inside.maskedCount > 0 && !token.startsWith('"') ? `"${inside.text}"` : inside.text
    }
  }
  return { text: out + json.slice(at), maskedCount }
}

/** 13 to 19 digits, perhaps in groups, that begin like a card of an issuer and are no part of a longer number or word. */
const CARD = /(?<![\w-]|\d\.)[2-6](?:[ -]?\d){12,18}(?![\w-]|\.\d)/g
const BEARER = /\b(Bearer|Basic)\s+[\w.~+/=-]{8,}/gi
const JWT = /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g

/** Text without what gives itself away as a secret: payment cards (by their check digit), credentials in headers, JWTs. */
export function maskText(text: string): MaskedText {
  let maskedCount = 0
  const masked = (): string => {
    maskedCount += 1
    return MASK
  }
  const result = text
    .replaceAll(CARD, (found) => (hasCheckDigit(found) ? masked() : found))
    .replaceAll(BEARER, (_found, scheme: string) => `${scheme} ${masked()}`)
    .replaceAll(JWT, () => masked())
  return { text: result, maskedCount }
}

/** Luhn, ISO/IEC 7812-1. */
function hasCheckDigit(text: string): boolean {
  const digits = text.replaceAll(/\D/g, '')
  let sum = 0
  for (let at = 0; at < digits.length; at += 1) {
    const digit = Number(digits[digits.length - 1 - at])
    const doubled = at % 2 === 1 ? digit * 2 : digit
    sum += doubled > 9 ? doubled - 9 : doubled
  }
  return sum % 10 === 0 && !/^(\d)\1*$/.test(digits)
}
