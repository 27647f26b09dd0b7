import { SLOT_COUNT } from '#domain/trace/attribute-slots.ts'
import type { SpanKind } from '#domain/trace/span.ts'
import { AttributeList } from '#otlp/attribute-list.ts'
import { ByteWriter, storable } from '#otlp/byte-writer.ts'

/** Place of the kind = its number in OTLP; 0 is unspecified, which the specification reads as internal. */
export const SPAN_KINDS: readonly SpanKind[] = ['internal', 'internal', 'server', 'client', 'producer', 'consumer']

export const STATUS_ERROR = 2

/**
 * The one span that is being read. A decoder fills it field by field in whatever order the fields come, a sink takes
 * them from it; it is then reset, not replaced, so that decoding makes no garbage per span.
 */
export class SpanDraft {
  /** Trace id, span id, parent span id: 16 + 8 + 8 bytes. */
  readonly ids = Buffer.alloc(32)
  /** The same bytes, four at a time: comparing them so costs less than a call. */
  readonly #idWords = new Int32Array(this.ids.buffer, this.ids.byteOffset, 8)
  hasTraceId = false
  hasSpanId = false
  hasParent = false
  name = ''
  kind = 0
  startUs = 0
  endUs = 0
  status = 0
  statusMessage: string | null = null
  readonly attributes = new AttributeList()
  /** Values of the keys that we know, by slot, as text; null = absent. */
  readonly slots: (string | null)[] = Array.from({ length: SLOT_COUNT }, () => null)
  /** Slots in use, so that a reset costs what was used. */
  readonly usedSlots: number[] = []
  /** `[{"name":...,"atUs":...,"attributes":{...}},...` without the closing bracket. */
  readonly events = new ByteWriter(4_096)
  exceptionType: string | null = null
  exceptionMessage: string | null = null
  /** 24 bytes each: trace id and span id. */
  readonly links = new ByteWriter(4_096)
  linkCount = 0
  /** A JSON array with one object (or null) per link; empty when no link has attributes. */
  readonly linkAttributes = new ByteWriter(1_024)
  linkAttributesCount = 0
  attributeCount = 0
  eventCount = 0
  droppedAttributeCount = 0
  droppedEventCount = 0
  droppedLinkCount = 0
  truncatedValueCount = 0

  readonly #lastWords = new Int32Array(4)
  #lastTraceId = '0'.repeat(32)

  /** 32 hex digits, the same string as the last time for the same trace: spans of one come in a row more often than not. */
  traceId(): string {
    const words = this.#idWords
    const last = this.#lastWords
    if (words[0] !== last[0] || words[1] !== last[1] || words[2] !== last[2] || words[3] !== last[3]) {
      last.set(words.subarray(0, 4))
      this.#lastTraceId = this.ids.toString('hex', 0, 16)
    }
    return this.#lastTraceId
  }

  reset(): void {
    this.hasTraceId = false
    this.hasSpanId = false
    this.hasParent = false
    this.name = ''
    this.kind = 0
    this.startUs = 0
    this.endUs = 0
    this.status = 0
    this.statusMessage = null
    this.attributes.reset()
    for (const slot of this.usedSlots) this.slots[slot] = null
    this.usedSlots.length = 0
    this.events.length = 0
    this.exceptionType = null
    this.exceptionMessage = null
    this.links.length = 0
    this.linkCount = 0
    this.linkAttributes.length = 0
    this.linkAttributesCount = 0
    this.attributeCount = 0
    this.eventCount = 0
    this.droppedAttributeCount = 0
    this.droppedEventCount = 0
    this.droppedLinkCount = 0
    this.truncatedValueCount = 0
  }

  setSlot(slot: number, value: string): void {
    if (this.slots[slot] === null) this.usedSlots.push(slot)
    this.slots[slot] = storable(value)
  }

  /** A span that ends before it starts (or has no end) lasts 0; the report says so. */
  durationUs(): number {
    return this.endUs > this.startUs ? this.endUs - this.startUs : 0
  }

  /** Below 0 where the span ends before it starts; without an end 0. */
  claimedDurationUs(): number {
    return this.endUs === 0 ? 0 : this.endUs - this.startUs
  }

  closeEvents(): void {
    if (this.events.length > 0) this.events.byte(0x5d)
  }

  /** Adds the attributes JSON of the link that was just read (null = none), keeping one entry per link. */
  addLinkAttributes(json: Buffer | null): void {
    if (json === null) return
    while (this.linkAttributesCount < this.linkCount - 1) this.#appendLinkAttributes('null')
    this.#openLinkAttributes()
    this.linkAttributes.raw(json, 0, json.length)
    this.linkAttributesCount += 1
  }

  closeLinkAttributes(): void {
    if (this.linkAttributes.length === 0) return
    while (this.linkAttributesCount < this.linkCount) this.#appendLinkAttributes('null')
    this.linkAttributes.byte(0x5d)
  }

  #appendLinkAttributes(json: string): void {
    this.#openLinkAttributes()
    this.linkAttributes.ascii(json)
    this.linkAttributesCount += 1
  }

  #openLinkAttributes(): void {
    this.linkAttributes.byte(this.linkAttributes.length === 0 ? 0x5b : 0x2c)
  }
}
