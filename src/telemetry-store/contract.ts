import { describe, expect, test } from 'vitest'
import { quantileUs } from '#domain/trace/duration-sketch.ts'
import { ANY_FLOW } from '#telemetry-store/any-flow.ts'
import type { OwnSpan, TelemetryReader, TelemetryWriter } from '#telemetry-store/telemetry-store.ts'

export interface StoreUnderTest {
  readonly reader: TelemetryReader
  readonly writer: TelemetryWriter
}

/** A second of 2026 in microseconds; tests count from it. */
const T0 = 1_795_000_000_000_000

const traceOf = (text: string): string => Buffer.from(text.padEnd(16, '.')).toString('hex').slice(0, 32)
const spanOf = (text: string): string => Buffer.from(text.padEnd(8, '.')).toString('hex').slice(0, 16)

function own(trace: string, id: string, more: Partial<OwnSpan> = {}): OwnSpan {
  return {
    traceId: traceOf(trace),
    spanId: spanOf(id),
    name: `send ${id}`,
    kind: 'producer',
    startUs: T0,
    durationUs: 1_000,
    correlationId: null,
    links: [],
    attributes: {},
    isError: false,
    ...more,
  }
}

const sending = (destination: string): Readonly<Record<string, string>> => ({
  'messaging.system': 'kafka',
  'messaging.operation.type': 'send',
  'messaging.destination.name': destination,
})
const processing = (destination: string): Readonly<Record<string, string>> => ({
  ...sending(destination),
  'messaging.operation.type': 'process',
  'messaging.consumer.group.name': 'payers',
})

const WINDOW = { fromUs: T0 - 1_000_000, toUs: T0 + 60_000_000 }
const ALL = { ...ANY_FLOW, ...WINDOW }

/** The laws of a telemetry store. Each law uses ids of its own, so that one store serves all of them. */
export function describeTelemetryStore(name: string, open: () => StoreUnderTest): void {
  describe(`telemetry store ${name}`, () => {
    test('what was recorded can be read at once, whole', async () => {
      const { reader, writer } = open()
      const attributes = { ...sending('orders'), note: 'quote " and \u0000 and ünïcode' }
      await writer.recordOwnSpans([own('whole', 'a', { attributes, correlationId: 'whole-1', isError: true })])
      const detail = await reader.readSpanDetail(traceOf('whole'), spanOf('a'))
      expect(detail?.attributes).toMatchObject({ note: 'quote " and \ufffd and ünïcode' })
      expect(detail?.span).toMatchObject({
        name: 'send a',
        kind: 'producer',
        startUs: T0,
        durationUs: 1_000,
        status: 'error',
        correlationId: 'whole-1',
        messaging: { system: 'kafka', operation: 'send', destination: 'orders' },
      })
    })

    test('a span that nobody stored is null, and so is an id that is none', async () => {
      const { reader } = open()
      expect(await reader.readSpanDetail(traceOf('nobody'), spanOf('x'))).toBeNull()
      expect(await reader.readSpanDetail('zz', 'zz')).toBeNull()
      expect(await reader.findFlowKeyOfTrace(traceOf('nobody'))).toBeNull()
      expect((await reader.readFlowSpans('no such order', 100)).spans).toEqual([])
    })

    test('a correlation id joins traces into one flow', async () => {
      const { reader, writer } = open()
      await writer.recordOwnSpans([own('join1', 'a', { correlationId: 'join-7', attributes: sending('orders') })])
      await writer.recordOwnSpans([
        own('join2', 'b', { correlationId: 'join-7', startUs: T0 + 5_000, attributes: sending('payments') }),
      ])
      const flow = await reader.readFlowSpans('join-7', 100)
      expect(flow.spans.map((span) => span.name)).toEqual(['send a', 'send b'])
      const page = await reader.listFlows({ ...ALL, id: 'join-7' })
      expect(page.flows).toMatchObject([
        { flowKey: 'join-7', traceCount: 2, spanCount: 2, startedUs: T0, endedUs: T0 + 6_000 },
      ])
      expect([...(page.flows[0]?.destinations ?? [])].toSorted()).toEqual(['orders', 'payments'])
    })

    test('a flow is found by its trace id too, and spans that came before the key join it', async () => {
      const { reader, writer } = open()
      await writer.recordOwnSpans([own('late', 'early')])
      expect(await reader.findFlowKeyOfTrace(traceOf('late'))).toBe(traceOf('late'))
      await writer.recordOwnSpans([own('late', 'keyed', { startUs: T0 + 1, correlationId: 'late-1' })])
      expect(await reader.findFlowKeyOfTrace(traceOf('late'))).toBe('late-1')
      const page = await reader.listFlows({ ...ALL, id: traceOf('late') })
      expect(page.flows.map(({ flowKey, spanCount }) => [flowKey, spanCount])).toEqual([['late-1', 2]])
      expect((await reader.readFlowSpans(traceOf('late'), 100)).spans).toHaveLength(2)
    })

    test('a consumer in another trace is read with the flow over its link, without the neighbours of its batch', async () => {
      const { reader, writer } = open()
      const senders = ['s1', 's2'].map((id) =>
        own(`from-${id}`, id, { correlationId: `link-${id}`, attributes: sending('orders') }),
      )
      const receivers = ['s1', 's2'].map((id) =>
        own('poll', `r-${id}`, {
          kind: 'consumer',
          startUs: T0 + 2_000,
          links: [{ traceId: traceOf(`from-${id}`), spanId: spanOf(id) }],
          attributes: processing('orders'),
        }),
      )
      await writer.recordOwnSpans([...receivers, ...senders])
      const flow = await reader.readFlowSpans('link-s1', 100)
      expect(flow.spans.map((span) => span.name)).toEqual(['send s1', 'send r-s1'])
    })

    test('deliveries are found by the sender, once, with service, group and outcome', async () => {
      const { reader, writer } = open()
      const sender = { traceId: traceOf('deliver'), spanId: spanOf('sent') }
      const received = own('taken', 'took', {
        kind: 'consumer',
        startUs: T0 + 9_000,
        links: [sender],
        attributes: processing('orders'),
        isError: true,
      })
      await writer.recordOwnSpans([own('deliver', 'sent', { attributes: sending('orders') })])
      await writer.recordOwnSpans([received])
      await writer.recordOwnSpans([received])
      expect(await reader.readDeliveriesOf([sender])).toEqual([
        {
          sender,
          receiver: { traceId: traceOf('taken'), spanId: spanOf('took') },
          service: 'throughline',
          destination: 'orders',
          consumerGroup: 'payers',
          receivedUs: T0 + 9_000,
          endedUs: T0 + 10_000,
          isError: true,
        },
      ])
    })

    test('spans that were recorded twice are read once', async () => {
      const { reader, writer } = open()
      const span = own('twice', 'same', { correlationId: 'twice-1' })
      await writer.recordOwnSpans([span])
      await writer.recordOwnSpans([span])
      expect((await reader.readFlowSpans('twice-1', 100)).spans).toHaveLength(1)
    })

    test('a page goes on where the last one ended, newest first, and none is missing or doubled', async () => {
      const { reader, writer } = open()
      const count = 23
      await writer.recordOwnSpans(
        Array.from({ length: count }, (_, index) =>
          own(`page${index}`, `p${index}`, {
            correlationId: `page-${index}`,
            startUs: T0 + 30_000_000 + (index >> 1),
            attributes: sending('paged'),
          }),
        ),
      )
      const seen: string[] = []
      let cursor: string | null = null
      do {
        const page = await reader.listFlows({ ...ALL, destination: 'paged', limit: 5, cursor })
        seen.push(...page.flows.map((flow) => flow.flowKey))
        cursor = page.nextCursor
      } while (cursor !== null)
      expect(seen).toHaveLength(count)
      expect(new Set(seen).size).toBe(count)
      expect(seen[0]).toBe('page-22')
    })

    test('filters leave only what they name', async () => {
      const { reader, writer } = open()
      await writer.recordOwnSpans([
        own('bad', 'bad', { correlationId: 'filter-bad', isError: true, attributes: sending('filtered') }),
        own('good', 'good', { correlationId: 'filter-good', durationUs: 500_000, attributes: sending('filtered') }),
      ])
      const keys = async (more: object) =>
        (await reader.listFlows({ ...ALL, destination: 'filtered', ...more })).flows.map((flow) => flow.flowKey)
      expect(await keys({ status: 'error' })).toEqual(['filter-bad'])
      expect(await keys({ status: 'ok' })).toEqual(['filter-good'])
      expect(await keys({ minDurationUs: 400_000 })).toEqual(['filter-good'])
      expect(await keys({ service: 'nobody' })).toEqual([])
      expect(await keys({ fromUs: T0 + 1, toUs: T0 + 2 })).toEqual([])
    })

    test('a read is cut at its cap and says so', async () => {
      const { reader, writer } = open()
      await writer.recordOwnSpans(
        Array.from({ length: 30 }, (_, index) =>
          own('big', `b${index}`, { correlationId: 'big-1', startUs: T0 + index }),
        ),
      )
      const flow = await reader.readFlowSpans('big-1', 10)
      expect([flow.spans.length, flow.omittedSpanCount, flow.caps.length > 0]).toEqual([10, 20, true])
    })

    test('edges say who sent where and who received, with errors and the time in between', async () => {
      const { reader, writer } = open()
      const startUs = T0 + 100_000_000
      const window = { fromUs: startUs, toUs: startUs + 20_000_000 }
      const senders = ['e1', 'e2'].map((id) => own(`edge-${id}`, id, { startUs, attributes: sending('edged') }))
      const receivers = ['e1', 'e2'].map((id, index) =>
        own(`edge-r${id}`, `r${id}`, {
          kind: 'consumer',
          startUs: startUs + 2_000_000,
          durationUs: 40_000,
          links: [{ traceId: traceOf(`edge-${id}`), spanId: spanOf(id) }],
          attributes: processing('edged'),
          isError: index === 0,
        }),
      )
      const outside = own('edge-out', 'out', { startUs: window.toUs, attributes: sending('edged') })
      await writer.recordOwnSpans([...senders, ...receivers, outside])
      const edges = async () => (await reader.readEdges(window)).edges.filter((edge) => edge.destination === 'edged')
      await expect.poll(async () => (await edges()).length, { timeout: 5_000 }).toBe(2)
      const found = await edges()
      expect(found.find((edge) => edge.consumerGroup === null)).toMatchObject({
        service: 'throughline',
        sentCount: 2,
        receivedCount: 0,
        errorCount: 0,
      })
      const received = found.find((edge) => edge.consumerGroup === 'payers')
      expect(received).toMatchObject({ fromService: 'throughline', sentCount: 0, receivedCount: 2, errorCount: 1 })
      const dwellP95Us = quantileUs(received?.dwell ?? new Map(), 0.95) ?? 0
      expect(Math.abs(dwellP95Us - 2_000_000)).toBeLessThan(200_000)
      const processingP95Us = quantileUs(received?.processing ?? new Map(), 0.95) ?? 0
      expect(Math.abs(processingP95Us - 40_000)).toBeLessThan(4_000)
      expect(await reader.readTraffic(window, 60)).toMatchObject([{ sentCount: 2, receivedCount: 2, errorCount: 1 }])
      expect(await reader.readEdges({ fromUs: window.toUs + 60_000_000, toUs: window.toUs + 70_000_000 })).toEqual({
        edges: [],
        bucketMs: 10_000,
      })
    })

    test('junk is no correlation id', async () => {
      const { reader, writer } = open()
      await writer.recordOwnSpans([
        own('junk1', 'j1', { correlationId: 'null' }),
        own('junk2', 'j2', { correlationId: 'null' }),
      ])
      expect((await reader.readFlowSpans('null', 100)).spans).toEqual([])
      expect(await reader.findFlowKeyOfTrace(traceOf('junk1'))).toBe(traceOf('junk1'))
    })
  })
}
