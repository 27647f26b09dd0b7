import { afterAll, beforeAll, expect, test } from 'vitest'
import { deadLetter } from '#db/schema/dead-letter.ts'
import { useTestDatabase } from '#db/test-database.ts'
import { letterFilterSchema } from '#domain/dead-letter/letter-filter.ts'
import { openExpressionRunner } from '#expression/open-expression-runner.ts'
import { searchDeadLetters } from '#server/search-dead-letters.ts'
import { knownNothing } from '#server/test-telemetry.ts'
import { openTestWeb } from '#server/test-web.ts'

const database = useTestDatabase()
const expressions = openExpressionRunner()
afterAll(() => expressions.close())

const COUNT = 900
const DAY_MS = 86_400_000

beforeAll(async () => {
  const { database: db } = database()
  const rows = Array.from({ length: COUNT }, (_, at): typeof deadLetter.$inferInsert => ({
    clusterId: at % 2 === 0 ? 'k1' : 'k2',
    destination: at % 3 === 0 ? 'mail.DLT' : 'orders.DLT',
    position: `0@${at}`,
    // Many die in one moment: the order within it is by id.
    deadAt: new Date(DAY_MS + Math.floor(at / 100) * 1_000),
    dialect: 'none',
    originDestination: at % 3 === 0 ? 'mail' : 'orders',
    exceptionClass: at % 10 === 0 ? 'com.shop.Timeout' : 'com.shop.Boom',
    fingerprint: at % 10 === 0 ? '00000000000000aa' : '00000000000000bb',
    fingerprintTitle: at % 10 === 0 ? 'Timeout at pay' : 'Boom at settle',
    headers: [
      { n: 'Tenant', t: at % 50 === 0 ? 'acme' : 'globex' },
      ...(at % 100 === 0 ? [{ n: 'trace-flag', b: '/w==' }] : []),
    ],
    messageKey: new TextEncoder().encode(`customer-${at % 300}${'x'.repeat(100)}`),
    payload: new TextEncoder().encode(JSON.stringify({ at, country: at % 90 === 0 ? 'CH' : 'DE' })),
    payloadBytes: 30,
  }))
  await db.insert(deadLetter).values(rows)
  await db.insert(deadLetter).values({
    clusterId: 'k1',
    destination: 'orders.DLT',
    position: '0@gone',
    deadAt: new Date(DAY_MS),
    dialect: 'none',
    fingerprint: '00000000000000aa',
    fingerprintTitle: 'Timeout at pay',
    headers: [],
    payloadBytes: 0,
    state: 'redriven',
  })
})

/** Every page to the end, in small ones, so that pages end inside of slices and moments. */
async function findAll(asked: Partial<Record<string, string>>, limit = 7) {
  const found: number[] = []
  let cursor: string | null = null
  let [lookedCount, totalCount] = [0, 0]
  do {
    const input = { state: 'open' as const, filter: letterFilterSchema.parse(asked), limit, cursor }
    const runtime = { database: database().database, expressions, nowMs: Date.now }
    const page = await searchDeadLetters(runtime, input, undefined)
    found.push(...page.deadLetters.map(({ position }) => Number(position.slice(2))))
    lookedCount += page.lookedCount
    totalCount = page.totalCount ?? totalCount
    cursor = page.nextCursor
  } while (cursor !== null)
  return { found, lookedCount, totalCount }
}

const all = Array.from({ length: COUNT }, (_, at) => at)

test.each([
  ['an error by a part of its title', { error: 'timeout AT' }, (at: number) => at % 10 === 0],
  ['an error by its class', { error: 'shop.boom' }, (at: number) => at % 10 !== 0],
  ['an error that nobody had', { error: 'nothing' }, () => false],
  ['the place they lie in', { destination: 'mail.DLT' }, (at: number) => at % 3 === 0],
  ['where they came from', { destination: 'orders' }, (at: number) => at % 3 !== 0],
  ['a key that is longer than its index', { key: `customer-7${'x'.repeat(100)}` }, (at: number) => at % 300 === 7],
  ['the beginning of a key', { key: 'customer-7' }, () => false],
  ['a header', { header: 'TRACE-flag' }, (at: number) => at % 100 === 0],
  ['a header with its value', { header: 'tenant', headerValue: 'acme' }, (at: number) => at % 50 === 0],
  ['a path in the payload', { expression: '$.country == "CH"' }, (at: number) => at % 90 === 0],
  [
    'what headers, key and size are, in an expression that does not ask for the payload',
    { expression: 'headers["tenant"] == "acme" && key.startsWith("customer-1") && size_bytes == 30' },
    (at: number) => at % 50 === 0 && String(at % 300).startsWith('1'),
  ],
  [
    'a text in the payload, beside what is known of the death',
    { expression: 'text.contains("CH") && error == "com.shop.Timeout" && stack == ""' },
    (at: number) => at % 90 === 0,
  ],
  [
    'everything at once',
    {
      error: 'boom',
      destination: 'orders',
      header: 'tenant',
      expression: 'payload.at >= 0 && payload.at < 50',
    },
    (at: number) => at % 10 !== 0 && at % 3 !== 0 && at < 50,
  ],
] as const)('%s finds exactly those letters, each once, newest first', async (_what, asked, isMeant) => {
  const { found, lookedCount, totalCount } = await findAll(asked)
  const meant = all.filter((at) => isMeant(at))
  // Later in time first; within a moment by id, which the insert gave in order.
  expect(found).toEqual(meant.toReversed())
  expect(lookedCount).toBe(totalCount)
})

test('who may not read payloads does not find out what is in them by searching', async () => {
  const web = openTestWeb(database().database, knownNothing)
  const ask = async (role: 'viewer' | 'operator', filter: Record<string, string>) => {
    const cookie = await web.openSessionOf(await web.addPerson(`${role}-${JSON.stringify(filter)}`, role))
    return (await web.query('deadLetter.search', { filter, limit: 5 }, cookie)).status
  }
  for (const filter of [{ key: 'a' }, { header: 'a', headerValue: 'b' }, { expression: 'true' }]) {
    expect(await ask('viewer', filter)).toBe(403)
    expect(await ask('operator', filter)).toBe(200)
  }
  expect(await ask('viewer', { header: 'tenant' })).toBe(200)
  expect(await ask('operator', {})).toBe(400)
  await web.runtime.expressions.close()
})
