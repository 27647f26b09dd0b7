import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Ingest, startIngest } from '#collector/ingest/start-ingest.ts'
import { hex, message, ns, postSpans, type SentSpan, startMs, textBag } from '#collector/ingest/test-spans.ts'
import { useTestDatabase } from '#db/test-database.ts'
import { flowJsonSchema } from '#domain/flow/flow-json.ts'
import { createLog } from '#log.ts'
import { answerFlowDownload } from '#server/answer-flow-download.ts'
import { openTestWeb, type TestWeb } from '#server/test-web.ts'
import { openTelemetryReader } from '#telemetry-store/postgres/open-telemetry-reader.ts'

/** What no client should send, through the real receiver, and what the page, the search and the file make of it. */
const database = useTestDatabase()
let ingest: Ingest
let web: TestWeb
let cookie: string

beforeAll(async () => {
  const log = createLog('test', 'silent')
  ingest = await startIngest({ pool: database().pool, httpPort: 0, grpcPort: 0, host: '127.0.0.1', log })
  web = openTestWeb(database().database, openTelemetryReader(database().pool))
  cookie = await web.openSessionOf(await web.addPerson('viewer', 'viewer'))
})
afterAll(() => ingest.stop())

const post = (spans: readonly SentSpan[], service?: string, resource?: Readonly<Record<string, string>>) =>
  postSpans(ingest.httpPort, spans, service, resource)

async function ask<Answer>(path: string, input: unknown): Promise<Answer> {
  const answer = await web.query(path, input, cookie)
  const text = await answer.text()
  expect(answer.status, text.slice(0, 500)).toBe(200)
  return (JSON.parse(text) as { result: { data: { json: Answer } } }).result.data.json
}

interface Opening {
  readonly isWhole: boolean
  readonly caps: readonly string[]
  readonly doubts: readonly string[]
  readonly omittedSpanCount: number
  readonly spanRowCount: number
  readonly rowCount: number
  readonly version: string
  readonly summary: { readonly spanCount: number }
  readonly rows: readonly { readonly id: string; readonly label: string; readonly durationUs: number }[]
}

/** The page once everything that is shown of the flow is there. */
async function openWhole(flowKey: string): Promise<Opening> {
  await expect
    .poll(async () => (await ask<Opening>('flow.get', { flowKey })).isWhole, { timeout: 40_000, interval: 100 })
    .toBe(true)
  return ask<Opening>('flow.get', { flowKey })
}

async function download(flowKey: string) {
  const url = `https://console.example/api/flows/${encodeURIComponent(flowKey)}/download`
  const answer = await answerFlowDownload(web.runtime, new Request(url, { headers: { cookie } }))
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8')
  return flowJsonSchema.parse(JSON.parse(await answer.text()))
}

const list = async (id: string): Promise<readonly { readonly flowKey: string }[]> => {
  const [fromMs, toMs] = [startMs - 3_600_000, Date.now() + 3_600_000]
  const answer = await ask<{ flows: { flowKey: string }[] }>('flow.list', { fromMs, toMs, id })
  return answer.flows
}

test('spans that end before they start are drawn without a length, and that is said', async () => {
  const traceId = hex(0xe1, 32)
  await post([
    { traceId, spanId: hex(1, 16), at: 50, for: -20, kind: 4, says: message('send', 'backwards') },
    { traceId, spanId: hex(2, 16), parentSpanId: hex(1, 16), at: 60, for: -5, kind: 5, says: message('process', 'x') },
  ])
  const opened = await openWhole('backwards')
  expect(opened.doubts).toEqual([
    '2 spans end before they start, as the senders say: checkout. Such a span is drawn without a length.',
  ])
  expect(opened.rows.filter(({ id }) => id.startsWith('span:'))).toHaveLength(2)
  const { hops, timeTotals } = await download('backwards')
  expect(hops).toMatchObject([{ attempt: 1, joinedBy: 'parent' }])
  expect(timeTotals.every(({ durationUs }) => durationUs >= 0)).toBe(true)
})

test('ids of zeros are refused and counted; as parent or link they name nobody', async () => {
  const traceId = hex(0xe2, 32)
  const zeros = [
    { traceId: hex(0, 32), spanId: hex(1, 16), at: 0 },
    { traceId, spanId: hex(0, 16), at: 0 },
  ]
  const links = [{ traceId: hex(0, 32), spanId: hex(0, 16) }]
  const good = { traceId, spanId: hex(3, 16), parentSpanId: hex(0, 16), at: 1, more: { links } }
  expect(await post([...zeros, good])).toBe(2)
  const opened = await openWhole(traceId)
  expect(opened.rows.map(({ id }) => id)).toEqual([`span:${traceId}:${hex(3, 16)}`])
  const missing = await web.query('flow.get', { flowKey: hex(0, 32) }, cookie)
  expect(missing.status).toBe(404)
})

test('circles of parents and of links are drawn once each', async () => {
  const traceId = hex(0xe3, 32)
  const ids = Array.from({ length: 60 }, (_, n) => hex(n + 1, 16))
  await post(
    ids.map((spanId, n) => ({
      traceId,
      spanId,
      parentSpanId: ids[(n + 1) % 60]!,
      at: n,
      kind: 5,
      says: message(n % 2 === 0 ? 'receive' : 'process', 'circle'),
      more: { links: ids.map((linked) => ({ traceId, spanId: linked })) },
    })),
  )
  const opened = await openWhole('circle')
  const shown = opened.rows.filter(({ id }) => id.startsWith('span:')).map(({ id }) => id)
  expect(new Set(shown).size).toBe(shown.length)
  expect(opened.summary.spanCount).toBe(60)
  expect((await download('circle')).spanCount).toBe(60)
})

test('names of 10 kB are taken, cut where they are listed, and whole or counted where they are not', async () => {
  // Postgres would compress a repetition and take it into any index.
  const long = randomBytes(5_000).toString('hex')
  const traceId = hex(0xe4, 32)
  const says = {
    ...message('process', 'long-names'),
    'messaging.destination.name': `d${long}`,
    'messaging.destination.partition.id': `p${long}`,
    'messaging.kafka.offset': `o${long}`,
    'messaging.message.id': `m${long}`,
    'messaging.consumer.group.name': `g${long}`,
    'messaging.client.id': `c${long}`,
    'messaging.kafka.message.key': `k${long}`,
    [`a${long}`]: `v${long}`,
  }
  const exception = {
    name: 'exception',
    timeUnixNano: ns(1),
    attributes: textBag({ 'exception.type': `t${long}`, 'exception.message': `e${long}` }),
  }
  const failed = { status: { code: 2, message: `s${long}` }, events: [exception] }
  const systemSays = { ...says, 'messaging.system': `y${long}`, 'messaging.message.id': `q${long}` }
  const spans = [
    { traceId, spanId: hex(1, 16), at: 0, name: `x${long}`, kind: 5, says, more: failed },
    { traceId, spanId: hex(2, 16), at: 1, name: `x${long}`, kind: 4, says: { ...says, ...message('send', long) } },
    { traceId, spanId: hex(3, 16), at: 2, name: `x${long}`, kind: 4, says: systemSays },
  ]
  expect(await post(spans, `s${long}`, { 'host.name': `h${long}` })).toBe(0)
  const opened = await openWhole('long-names')
  expect(opened.spanRowCount).toBe(3)
  expect(JSON.stringify(opened).length).toBeLessThan(60_000)
  expect(opened.rows[0]!.label).toBe(`x${long.slice(0, 299)}…`)
  expect((await list('long-names')).map(({ flowKey }) => flowKey)).toEqual(['long-names'])
  expect((await download('long-names')).spanCount).toBe(3)
  const detail = await ask<{ attributes: Record<string, string> }>('flow.span', { traceId, spanId: hex(1, 16) })
  expect(Object.values(detail.attributes)).toContain(`v${long}`)
  // The charts are written behind the spans; a name that no index takes would hold up those of everybody.
  const shown = `d${long.slice(0, 499)}…`
  await expect.poll(() => chartedDestinations(), { timeout: 20_000 }).toContain(shown)
})

const chartedDestinations = async (): Promise<readonly string[]> => {
  const { rows } = await database().pool.query<{ destination: string }>('select distinct destination from rollup')
  return rows.map(({ destination }) => destination)
}

test('names that every object of the language has are names like any other', async () => {
  const traceId = hex(0xe7, 32)
  const names = ['constructor', '__proto__', 'toString']
  await post(
    names.map((name, n) => ({
      traceId,
      spanId: hex(n + 1, 16),
      at: n,
      name,
      kind: 4,
      says: {
        ...message(n === 0 ? name : 'send', 'builtin'),
        'messaging.system': name,
        'messaging.destination.name': name,
        [name]: name,
      },
    })),
    'constructor',
    { 'telemetry.sdk.language': 'constructor' },
  )
  const { hops } = await download('builtin')
  expect(hops.map(({ system, destination }) => [system, destination])).toEqual(
    names.map((name) => [name.toLowerCase(), name]),
  )
})

const HOSTILE = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  'javascript:alert(1)',
  '\u202Eevil\u202C',
  'a\u0000b\u0007c\u001B[31md',
  '"\'`${7*7}{{7*7}}</textarea>',
  "'; drop table span; --",
  '\uD800',
]

test('script, control characters and turned text stay the text that they are', async () => {
  const traceId = hex(0xe5, 32)
  const key = 'order-<script>alert(1)</script>'
  await post(
    HOSTILE.map((text, n) => ({
      traceId,
      spanId: hex(n + 1, 16),
      at: n,
      name: text,
      kind: 4,
      says: { ...message('send', key), 'messaging.destination.name': text, 'app.note': text, [text]: 'key' },
    })),
    '<b>shop</b>',
  )
  const opened = await openWhole(key)
  const labels = opened.rows.map(({ label }) => label)
  // Postgres holds neither zeros nor halves of characters.
  const kept = HOSTILE.map((text) => text.replaceAll('\u0000', '\uFFFD').replaceAll('\uD800', '\uFFFD'))
  expect(labels).toEqual(expect.arrayContaining(kept))
  const { hops } = await download(key)
  expect(hops.map(({ destination }) => destination).toSorted()).toEqual(kept.toSorted())
  const detail = await ask<{ attributes: Record<string, string> }>('flow.span', { traceId, spanId: hex(5, 16) })
  expect(detail.attributes['app.note']).toBe(kept[4])
  expect((await list(key)).map(({ flowKey }) => flowKey)).toEqual([key])
})

test('an id on 5,200 traces is a hub: what is read of it is bounded, and the rest is counted', async () => {
  const count = 5_200
  for (let from = 0; from < count; from += 10_000) {
    const some = Array.from({ length: Math.min(10_000, count - from) }, (_, n) => from + n)
    await post(
      some.map((n) => ({
        traceId: hex(0x4a_0000 + n, 32),
        spanId: hex(n + 1, 16),
        at: n,
        kind: 4,
        says: message('send', 'tenant-42'),
      })),
    )
  }
  const opened = await openWhole('tenant-42')
  expect(opened.caps).toEqual(['the id is on 5,000 traces or more: it names more than one flow; 200 of them are read'])
  expect(opened).toMatchObject({ spanRowCount: 200, omittedSpanCount: count - 200, summary: { spanCount: count } })
  const file = await download('tenant-42')
  expect(file).toMatchObject({ caps: opened.caps, omittedSpanCount: count - 200, spanCount: count })
  expect((await list('tenant-42')).map(({ flowKey }) => flowKey)).toEqual(['tenant-42'])
})

test('a trace of 200,000 spans opens up to a bound, says what is left out, and can be downloaded', async () => {
  const count = 200_000
  const traceId = hex(0xe6, 32)
  for (let from = 0; from < count; from += 10_000) {
    await post(
      Array.from({ length: Math.min(10_000, count - from) }, (_, n) => ({
        traceId,
        spanId: hex(from + n + 1, 16),
        at: from + n,
        ...(from + n === 0 ? {} : { parentSpanId: hex(Math.floor((from + n) / 8) + 1, 16) }),
      })),
    )
  }
  const opened = await openWhole(traceId)
  expect(opened.caps).toEqual([
    'the traces of the flow have more than 120,000 spans; the first are read',
    'only the first 100,000 spans are shown',
  ])
  expect(opened).toMatchObject({ spanRowCount: 100_000, omittedSpanCount: 100_000, summary: { spanCount: count } })
  expect(opened.rows).toHaveLength(200)
  const window = await ask<{ rows: unknown[] }>('flow.rows', {
    flowKey: traceId,
    version: opened.version,
    from: 99_900,
  })
  expect(window.rows).toHaveLength(100)
  const file = await download(traceId)
  expect(file).toMatchObject({ caps: opened.caps, omittedSpanCount: 100_000, spanCount: count })
}, 180_000)
