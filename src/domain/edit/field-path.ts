import { Failure } from '#domain/failure.ts'

/** A field name, a place in a list, or (null) every place of it. */
export type PathStep = string | number | null

const STEP = /^(?:\.?([^.[\]"]+)|\[(\d{1,6})\]|\[(\*)\]|\.?\["((?:[^"\\]|\\.)*)"\])/

/**
 * Reads `amount.currency`, `lines[0].sku`, `lines[*].sku`, `["a.b"].c`.
 *
 * @throws Failure `invalid` for other text, and for names that a JavaScript object gives a meaning of its own
 */
export function parseFieldPath(text: string): readonly PathStep[] {
  const steps: PathStep[] = []
  let rest = text.trim().replace(/^\$\.?/, '')
  while (rest !== '') {
    const found = STEP.exec(rest)
    const isFirstDotted = steps.length === 0 && rest.startsWith('.')
    const isUndotted = steps.length > 0 && found?.[1] !== undefined && !rest.startsWith('.')
    if (found === null || isFirstDotted || isUndotted) throw unreadable(text)
    const [whole, name, place, each, quoted] = found
    if (place !== undefined) steps.push(Number(place))
    else if (each !== undefined) steps.push(null)
    else steps.push(name ?? (JSON.parse(`"${quoted ?? ''}"`) as string))
    rest = rest.slice(whole.length)
  }
  if (steps.length === 0) throw unreadable(text)
  if (steps.includes('__proto__')) throw new Failure('invalid', `${text}: the name __proto__ is refused`)
  return steps
}

/** `lines[0].sku`: the inverse for single places. */
export function printFieldPath(steps: readonly (string | number)[]): string {
  return steps.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`
    if (!/^[^.[\]"]+$/.test(step)) return `${text}[${JSON.stringify(step)}]`
    return text === '' ? step : `${text}.${step}`
  }, '')
}

const unreadable = (text: string): Failure =>
  new Failure(
    'invalid',
    `${text === '' ? 'an empty path' : text} is no path: write amount.currency, lines[0].sku or lines[*].sku`,
  )
