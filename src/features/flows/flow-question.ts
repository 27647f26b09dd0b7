import type { FlowFilter } from '#features/flows/use-flow-filter.ts'
import { FLOW_WINDOW_MS } from '#features/flows/use-flow-filter.ts'

/** Ids are kept up to here; a longer text is a paste gone wrong. */
const MAX_TEXT = 300
const MAX_WINDOW_MS = 31 * 86_400_000
const MAX_SECONDS = 366 * 86_400
const LEAST_WAIT_S = 1
const LEAST_ATTEMPT = 2

export interface TimeRange {
  readonly fromMs: number
  readonly toMs: number
}

/** The range that was picked; null where the address has none, or one that cannot be. */
export function pickedRange({ from, to }: Pick<FlowFilter, 'from' | 'to'>): TimeRange | null {
  if (from === null || to === null || from < 0 || to <= from || to - from > MAX_WINDOW_MS) return null
  return { fromMs: from, toMs: to }
}

/** Why a filter cannot be asked, in words for the person who wrote it; null when it can. */
export function whyNotAsked(filter: FlowFilter): string | null {
  const texts = [
    ['The id', filter.id],
    ['The service', filter.service],
    ['The destination', filter.destination],
    ['The group', filter.group],
    ['The failure', filter.failure],
    ['The message key', filter.messageKey],
    ['The attribute key', filter.attribute],
    ['The attribute value', filter.value],
  ] as const
  const long = texts.find(([, text]) => text.length > MAX_TEXT)
  if (long !== undefined)
    return `${long[0]} has ${long[1].length} characters; nothing longer than ${MAX_TEXT} is looked for.`
  if (texts.some(([, text]) => text.includes('\0')))
    return 'A character of the filter cannot be stored, so nothing has it.'
  if (filter.value !== '' && filter.attribute === '') return 'Name the attribute whose value this is.'
  if ((filter.from !== null || filter.to !== null) && pickedRange(filter) === null)
    return 'The range of time begins after it ends, or is longer than 31 days.'
  if (filter.min !== null && filter.max !== null && filter.max < filter.min)
    return 'The longest duration is below the shortest.'
  return null
}

const textOrNull = (text: string): string | null => (text === '' ? null : text)
const millisecondsOrNull = (seconds: number | null, leastS = 0): number | null =>
  seconds === null || !(seconds >= 0) ? null : Math.min(MAX_SECONDS, Math.max(leastS, seconds)) * 1_000

/** What the server is asked for a filter, less its time. */
export function questionOf(filter: FlowFilter) {
  return {
    id: textOrNull(filter.id),
    service: textOrNull(filter.service),
    destination: textOrNull(filter.destination),
    consumerGroup: textOrNull(filter.group),
    failure: textOrNull(filter.failure),
    messageKey: textOrNull(filter.messageKey),
    status: filter.status,
    minDurationMs: millisecondsOrNull(filter.min),
    maxDurationMs: millisecondsOrNull(filter.max),
    minDwellMs: millisecondsOrNull(filter.waited, LEAST_WAIT_S),
    minAttempt: filter.attempt === null ? null : Math.min(1_000_000, Math.max(LEAST_ATTEMPT, filter.attempt)),
    attribute: filter.attribute === '' ? null : { key: filter.attribute, value: textOrNull(filter.value) },
  }
}

/** The range that was picked, else the window that ends at `toMs`. */
export const rangeOf = (filter: FlowFilter, toMs: number): TimeRange =>
  pickedRange(filter) ?? { fromMs: toMs - FLOW_WINDOW_MS[filter.window], toMs }

/** How many of the filters beside the first row are in use. */
export const countFurther = ({ group, failure, messageKey, attribute, max, waited, attempt }: FlowFilter): number =>
  [group, failure, messageKey, attribute].filter((text) => text !== '').length +
  [max, waited, attempt].filter((figure) => figure !== null).length

export const isFiltered = (filter: FlowFilter): boolean =>
  countFurther(filter) > 0 ||
  filter.id !== '' ||
  filter.service !== '' ||
  filter.destination !== '' ||
  filter.status !== 'all' ||
  filter.min !== null
