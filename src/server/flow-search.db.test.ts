import { beforeAll, expect, test } from 'vitest'
import { useTestDatabase } from '#db/test-database.ts'
import { openTestWeb, type TestWeb } from '#server/test-web.ts'
import { openTelemetryReader } from '#telemetry-store/postgres/open-telemetry-reader.ts'

const database = useTestDatabase()
const HOUR_MS = 3_600_000
const NOW_MS = 1_795_000_000_000
let web: TestWeb
let cookie: string

beforeAll(async () => {
  web = openTestWeb(database().database, openTelemetryReader(database().pool))
  cookie = await web.openSessionOf(await web.addPerson('viewer', 'viewer'))
})

const window = { fromMs: NOW_MS - HOUR_MS, toMs: NOW_MS }

test.each<[string, object]>([
  ['an id of 10 kB', { id: 'x'.repeat(10_000) }],
  ['a NUL', { service: 'a\0b' }],
  ['more than 31 days', { fromMs: 0, toMs: NOW_MS }],
  ['a window that ends before it begins', { fromMs: NOW_MS, toMs: NOW_MS - 1 }],
  ['a time beyond all calendars', { fromMs: 1e300, toMs: 1.1e300 }],
  ['an endless duration', { minDurationMs: 1e300 }],
  ['an attribute without a key', { attribute: { key: '', value: 'x' } }],
  ['a first attempt, which every message has', { minAttempt: 1 }],
])('%s is refused, by the list and by the histogram', async (_, part) => {
  for (const path of ['flow.list', 'flow.histogram'])
    expect((await web.query(path, { ...window, ...part }, cookie)).status).toBe(400)
})

test.each<[string, object]>([
  ['wildcards and quotes', { service: `%_'";--`, destination: '\\' }],
  ['letters from abroad', { id: 'bestellung-ä-日本-🧨', messageKey: '🧨' }],
  ['an attribute key like a path', { attribute: { key: `a.b"'}{,$1`, value: '%' } }],
  ['fractions of milliseconds', { fromMs: NOW_MS - 0.25, toMs: NOW_MS + 0.125, minDurationMs: 0.001 }],
  [
    'everything at once',
    {
      service: 'a',
      destination: 'b',
      consumerGroup: 'c',
      failure: 'd',
      messageKey: 'e',
      status: 'redriven',
      minDurationMs: 1,
      maxDurationMs: 2,
      minDwellMs: 1_000,
      minAttempt: 2,
    },
  ],
  ['a cursor that is none', { cursor: 'AAAA' }],
])('%s are looked for and found nowhere', async (_, part) => {
  const list = await web.query('flow.list', { ...window, ...part }, cookie)
  expect(list.status).toBe(200)
  expect(await list.json()).toMatchObject({ result: { data: { json: { flows: [], nextCursor: null } } } })
  const { cursor: _cursor, ...question } = { cursor: null, ...part }
  expect((await web.query('flow.histogram', { ...window, ...question }, cookie)).status).toBe(200)
})
