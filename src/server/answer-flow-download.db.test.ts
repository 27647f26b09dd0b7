import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { beforeAll, expect, test } from 'vitest'
import { useTestDatabase } from '#db/test-database.ts'
import { ROLES } from '#domain/access/role.ts'
import { flowJsonSchema } from '#domain/flow/flow-json.ts'
import { walkJsonTraces } from '#otlp/walk-json-traces.ts'
import { walkProtobufTraces } from '#otlp/walk-protobuf-traces.ts'
import { answerFlowDownload } from '#server/answer-flow-download.ts'
import { openTestWeb, type TestWeb } from '#server/test-web.ts'
import { dayNumber } from '#telemetry-store/postgres/copy-row.ts'
import { openTelemetryReader } from '#telemetry-store/postgres/open-telemetry-reader.ts'
import { SpanBatchWriter } from '#telemetry-store/postgres/span-batch-writer.ts'
import { StagedSpans } from '#telemetry-store/postgres/staged-spans.ts'
import { ensurePartitions } from '#telemetry-store/postgres/telemetry-partitions.ts'

const CAPTURE = join(import.meta.dirname, '../../fixtures/otlp/node-cloudevents')
const database = useTestDatabase()
let web: TestWeb
let cookie: string

beforeAll(async () => {
  const { pool } = database()
  web = openTestWeb(database().database, openTelemetryReader(pool))
  await ensurePartitions(pool, Date.now())
  const units = readdirSync(CAPTURE)
    .filter((file) => file.endsWith('.gz'))
    .map((file) => {
      const once = gunzipSync(readFileSync(join(CAPTURE, file)))
      const body = once[0] === 0x1f && once[1] === 0x8b ? gunzipSync(once) : once
      const unit = new StagedSpans(dayNumber(Date.now()))
      if (file.includes('.json')) walkJsonTraces(body, unit)
      else walkProtobufTraces(body, unit)
      return unit
    })
  await new SpanBatchWriter(pool).write(units)
  cookie = await web.openSessionOf(await web.addPerson('viewer', 'viewer'))
})

const download = (key: string, withCookie: string | null = cookie): Promise<Response> =>
  answerFlowDownload(
    web.runtime,
    new Request(`https://console.example/api/flows/${encodeURIComponent(key)}/download`, {
      headers: withCookie === null ? {} : { cookie: withCookie },
    }),
  )

async function anyFlowKey(): Promise<string> {
  const { rows } = await database().pool.query<{ flow_key: string }>(
    'select flow_key from flow_member group by flow_key order by bool_and(is_fallback), flow_key limit 1',
  )
  return rows[0]!.flow_key
}

test('the flow of a replayed capture is a file that its documented schema accepts', async () => {
  const key = await anyFlowKey()
  const answer = await download(key)
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-disposition')).toBe(`attachment; filename="flow-${key}.json"`)
  expect(answer.headers.get('cache-control')).toBe('no-store')
  const text = await answer.text()
  const flow = flowJsonSchema.strict().parse(JSON.parse(text))
  expect(flow.flowKey).toBe(key)
  expect(flow.members.reduce((sum, { spanCount }) => sum + spanCount, 0)).toBe(flow.spanCount)
  const joined = flow.hops.filter(({ sent, received }) => sent !== null && received !== null)
  expect(joined.length).toBeGreaterThan(0)
  for (const { sent, received, dwellUs, joinConfidence } of joined) {
    expect(dwellUs).toBe(received!.atUs - sent!.atUs!)
    expect(joinConfidence).toBe('certain')
  }
})

test('the document explains every field of the file', () => {
  const document = readFileSync(join(import.meta.dirname, '../../docs/flow-json.md'), 'utf8')
  const fields = (schema: { readonly shape: object }) => Object.keys(schema.shape)
  const { members, hops, verdicts, deadLetters, operations } = flowJsonSchema.shape
  const all = [
    ...fields(flowJsonSchema),
    ...[members, hops, verdicts, deadLetters, operations].flatMap(({ element }) => fields(element)),
  ]
  expect(all.filter((field) => !document.includes(`\`${field}\``))).toEqual([])
})

test('nobody else gets it, and what is not known is said', async () => {
  const key = await anyFlowKey()
  expect((await download(key, null)).status).toBe(401)
  const newcomer = await web.addPerson('newcomer', 'admin', { mustChangePassword: true })
  expect((await download(key, await web.openSessionOf(newcomer))).status).toBe(403)
  expect((await download('order-nobody-knows')).status).toBe(404)
  expect((await download('x'.repeat(301))).status).toBe(400)
  for (const role of ROLES) {
    const person = await web.addPerson(`a-${role}`, role)
    expect((await download(key, await web.openSessionOf(person))).status, role).toBe(200)
  }
})

test('a hostile key cannot break out of the name of the file', async () => {
  const { pool } = database()
  const hostile = 'a"; filename="../../x\r\nset-cookie: a=b'
  const key = await anyFlowKey()
  for (const table of ['flow', 'flow_member'])
    await pool.query(`update ${table} set flow_key = $1 where flow_key = $2`, [hostile, key])
  const answer = await download(hostile)
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-disposition')).toMatch(/^attachment; filename="flow-[\w.-]+\.json"$/)
  expect(answer.headers.get('set-cookie')).toBeNull()
})
