import { hash } from 'node:crypto'
import { rememberRecent } from '#domain/remember-recent.ts'
import type { ByteWriter } from '#otlp/byte-writer.ts'
import type { SpanDraft } from '#otlp/span-draft.ts'
import { putBytes, putInt2, putInt4, putInt8, putNull, putText } from '#telemetry-store/postgres/copy-row.ts'

/** Numbers in flow_mark.kind. Values of the first two are numbers, of all others {@link hashOfMark}. */
export const MARK = {
  waited: 1,
  attempt: 2,
  failure: 3,
  messageKey: 4,
  // Of no flow: in the minute that begins at at_us somebody, or something, of that name was named by a span.
  service: 5,
  destination: 6,
  consumerGroup: 7,
} as const

const FIRST_ATTRIBUTE_KIND = 100

/** The kind of the postings of an indexed attribute key. */
export const kindOfAttribute = (indexNumber: number): number => FIRST_ATTRIBUTE_KIND + indexNumber

/** A wait shorter than this is not posted: every flow has those. */
export const LEAST_MARKED_DWELL_US = 1_000_000

/** Longer values of attributes are not posted: nobody types them. */
export const MAX_POSTED_CHARACTERS = 1_000

export const COPY_MARKS = 'copy flow_mark (value, at_us, ingest_day, kind, trace_id, flow_key) from stdin binary'

/** The first 8 bytes of a digest: two texts of one kind do not meet in it by chance. */
const digestOf = rememberRecent(8_192, (text: string): Buffer => hash('md5', text, 'buffer').subarray(0, 8), 256)

/** The value of a posting of a text, as Postgres takes a bigint. */
export const hashOfMark = (text: string): string => digestOf(text).readBigInt64BE().toString()

/** Failures are looked for in any case, and without their package. */
export function failureNames(exceptionType: string): readonly string[] {
  const full = exceptionType.toLowerCase()
  const simple = full.split(/[.:$\\/]/).at(-1) ?? ''
  return simple === '' || simple === full ? [full] : [full, simple]
}

/** How a failure that somebody types is posted. */
export const failureMark = (typed: string): string => typed.toLowerCase()

/** The postings of one request: each flow once per kind and value. */
export class FlowMarks {
  readonly rows: ByteWriter
  readonly #day: number
  readonly #seen = new Set<string>()

  constructor(rows: ByteWriter, day: number) {
    this.rows = rows
    this.#day = day
  }

  /** `flowKey` is the key that the span itself carries; null = the flow of its trace. */
  add(kind: number, text: string, draft: SpanDraft, flowKey: string | null): void {
    const mark = `${kind}\0${flowKey ?? draft.ids.toString('latin1', 0, 16)}\0${text}`
    if (this.#seen.has(mark)) return
    this.#seen.add(mark)
    this.rows.int16(6)
    putBytes(this.rows, digestOf(text), 0, 8)
    putInt8(this.rows, draft.startUs)
    putInt4(this.rows, this.#day)
    putInt2(this.rows, kind)
    if (flowKey === null) putBytes(this.rows, draft.ids, 0, 16)
    else putNull(this.rows)
    putText(this.rows, flowKey)
  }
}
