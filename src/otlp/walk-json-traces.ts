import { ByteWriter, storable } from '#otlp/byte-writer.ts'
import {
  addJsonAttribute,
  asArray,
  asCount,
  asMicroseconds,
  asObject,
  asText,
  type JsonObject,
  takeKey,
  textOfJson,
  writeJsonPair,
} from '#otlp/json-value.ts'
import { makeOrigin } from '#otlp/make-origin.ts'
import { OTLP_LIMITS } from '#otlp/otlp-limits.ts'
import { refuseBody } from '#otlp/protobuf-reader.ts'
import type { SpanDraft } from '#otlp/span-draft.ts'
import { SpanIntake } from '#otlp/span-intake.ts'
import type { DecodeReport, SpanOrigin, SpanSink } from '#otlp/span-sink.ts'

const scratch = new ByteWriter(4_096)

/**
 * Walks the JSON form of an ExportTraceServiceRequest and pushes its spans into the sink, so that the same span gives
 * the same fields as in protobuf.
 * @throws Failure `invalid` when the body is not one; what was pushed before must then be forgotten.
 */
export function walkJsonTraces(body: Buffer, sink: SpanSink): DecodeReport {
  const intake = new SpanIntake(sink)
  const request = asObject(parse(body), 'the body')
  for (const element of asArray(request['resourceSpans'], 'resourceSpans')) {
    const resourceSpans = asObject(element, 'an element of resourceSpans')
    const resource = readResource(asObject(resourceSpans['resource'], 'a resource'))
    for (const scopeElement of asArray(resourceSpans['scopeSpans'], 'scopeSpans')) {
      const scopeSpans = asObject(scopeElement, 'an element of scopeSpans')
      const scope = asText(asObject(scopeSpans['scope'], 'a scope')['name'], OTLP_LIMITS.maxNameBytes)
      intake.sink.beginOrigin(makeOrigin({ ...resource, scope }))
      for (const span of asArray(scopeSpans['spans'], 'spans')) readSpan(asObject(span, 'a span'), intake)
    }
  }
  return intake.report()
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch (error) {
    return refuseBody(error instanceof Error ? error.message : 'not JSON')
  }
}

function readResource(resource: JsonObject): Omit<SpanOrigin, 'id' | 'scope'> & { readonly service: string } {
  const texts = new Map<string, string>()
  scratch.length = 0
  scratch.byte(0x7b)
  for (const element of asArray(resource['attributes'], 'attributes')) {
    const pair = asObject(element, 'an attribute')
    if (scratch.length > 1) scratch.byte(0x2c)
    const key = writeJsonPair(pair, scratch, 0, { truncatedValueCount: 0 })
    const text = textOfJson(pair['value'])
    if (text !== null) texts.set(key.text, text)
  }
  scratch.byte(0x7d)
  return {
    service: texts.get('service.name') ?? '',
    serviceVersion: texts.get('service.version') ?? null,
    resource: scratch.written().toString('utf8'),
  }
}

const KIND_NAMES = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER']
const STATUS_NAMES = ['UNSET', 'OK', 'ERROR']

/** Enums are numbers in OTLP/JSON; some senders write their names. */
function asEnum(value: unknown, names: readonly string[]): number {
  if (typeof value === 'number') return value
  if (typeof value !== 'string') return 0
  const place = names.findIndex((name) => value === name || value.endsWith(`_${name}`))
  return place < 0 ? Number(value) || 0 : place
}

function readSpan(span: JsonObject, intake: SpanIntake): void {
  const draft = intake.beginSpan()
  draft.hasTraceId = readId(span['traceId'], draft, 0, 16)
  draft.hasSpanId = readId(span['spanId'], draft, 16, 8)
  draft.hasParent = readId(span['parentSpanId'], draft, 24, 8)
  draft.name = storable(asText(span['name'], OTLP_LIMITS.maxNameBytes))
  draft.kind = asEnum(span['kind'], KIND_NAMES)
  draft.startUs = asMicroseconds(span['startTimeUnixNano'])
  draft.endUs = asMicroseconds(span['endTimeUnixNano'])
  draft.droppedAttributeCount = asCount(span['droppedAttributesCount'])
  draft.droppedEventCount = asCount(span['droppedEventsCount'])
  draft.droppedLinkCount = asCount(span['droppedLinksCount'])
  const status = asObject(span['status'], 'a status')
  draft.status = asEnum(status['code'], STATUS_NAMES)
  draft.statusMessage = storable(asText(status['message'], OTLP_LIMITS.maxStatusMessageBytes)) || null
  for (const attribute of asArray(span['attributes'], 'attributes'))
    readAttribute(asObject(attribute, 'an attribute'), draft)
  for (const event of asArray(span['events'], 'events')) readEvent(asObject(event, 'an event'), draft)
  for (const link of asArray(span['links'], 'links')) readLink(asObject(link, 'a link'), draft)
  intake.endSpan()
}

/** Hex ids, in either case; false for a wrong length, other characters and zeros. */
function readId(value: unknown, draft: SpanDraft, to: number, size: number): boolean {
  if (typeof value !== 'string' || value.length !== size * 2 || !/^[0-9a-fA-F]+$/.test(value) || /^0+$/.test(value))
    return false
  draft.ids.write(value, to, 'hex')
  return true
}

function readAttribute(pair: JsonObject, draft: SpanDraft): void {
  draft.attributeCount += 1
  if (draft.attributeCount > OTLP_LIMITS.maxAttributesPerSpan) {
    draft.droppedAttributeCount += 1
    return
  }
  const key = takeKey(pair['key'])
  addJsonAttribute(draft.attributes, key, pair['value'], draft)
  const text = key.slot < 0 ? null : textOfJson(pair['value'])
  if (text !== null) draft.setSlot(key.slot, text)
}

function readEvent(event: JsonObject, draft: SpanDraft): void {
  draft.eventCount += 1
  if (draft.eventCount > OTLP_LIMITS.maxEventsPerSpan) {
    draft.droppedEventCount += 1
    return
  }
  const out = draft.events
  out.byte(out.length === 0 ? 0x5b : 0x2c)
  out.ascii('{"name":')
  out.jsonText(asText(event['name'], OTLP_LIMITS.maxNameBytes))
  out.ascii(`,"atUs":${asMicroseconds(event['timeUnixNano'])},"attributes":{`)
  const attributes = asArray(event['attributes'], 'attributes').slice(0, OTLP_LIMITS.maxAttributesPerEvent)
  for (const [index, element] of attributes.entries()) {
    const pair = asObject(element, 'an attribute')
    if (index > 0) out.byte(0x2c)
    const key = writeJsonPair(pair, out, 0, draft)
    if (key.text === 'exception.type') draft.exceptionType = textOfJson(pair['value'])
    if (key.text === 'exception.message') draft.exceptionMessage = textOfJson(pair['value'])
  }
  out.ascii('}}')
}

const linkIds = Buffer.alloc(24)

function readLink(link: JsonObject, draft: SpanDraft): void {
  if (draft.linkCount >= OTLP_LIMITS.maxLinksPerSpan || !isLink(link)) {
    draft.droppedLinkCount += 1
    return
  }
  draft.links.raw(linkIds, 0, 24)
  draft.linkCount += 1
  const attributes = asArray(link['attributes'], 'attributes')
  if (attributes.length === 0) return
  scratch.length = 0
  for (const element of attributes) {
    scratch.byte(scratch.length === 0 ? 0x7b : 0x2c)
    const pair = asObject(element, 'an attribute')
    writeJsonPair(pair, scratch, 0, draft)
  }
  scratch.byte(0x7d)
  draft.addLinkAttributes(scratch.written())
}

function isLink(link: JsonObject): boolean {
  const { traceId, spanId } = link
  if (typeof traceId !== 'string' || typeof spanId !== 'string') return false
  if (!/^[0-9a-fA-F]{32}$/.test(traceId) || !/^[0-9a-fA-F]{16}$/.test(spanId)) return false
  linkIds.write(traceId, 0, 'hex')
  linkIds.write(spanId, 16, 'hex')
  return true
}
