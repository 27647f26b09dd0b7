import { randomUUID } from 'node:crypto'
import { beforeAll, expect, test } from 'vitest'
import { operation, operationItem } from '#db/schema/operation.ts'
import { useTestDatabase } from '#db/test-database.ts'
import { answerLedgerExport } from '#server/answer-ledger-export.ts'
import { knownNothing } from '#server/test-telemetry.ts'
import { openTestWeb, type TestWeb } from '#server/test-web.ts'

const database = useTestDatabase()
const ID = randomUUID()
let web: TestWeb
let cookie: string

beforeAll(async () => {
  web = openTestWeb(database().database, knownNothing)
  cookie = await web.openSessionOf(await web.addPerson('viewer', 'viewer'))
  await database()
    .database.insert(operation)
    .values({
      id: ID,
      kind: 'redrive',
      state: 'completed',
      clusterId: 'k',
      source: 'orders.DLT',
      requestKey: randomUUID(),
      createdById: 'p',
      createdByName: 'Olga',
      reason: 'fixed',
      selection: { fingerprint: 'f', ids: null },
      ratePerSecond: 10,
      canarySize: 1,
    })
  await database()
    .database.insert(operationItem)
    .values(
      Array.from({ length: 1_201 }, (_, at) => ({
        operationId: ID,
        ordinal: at + 1,
        sourcePosition: `0@${at}`,
        targetDestination: 'orders',
        state: 'removed' as const,
        outcome: 'processed' as const,
      })),
    )
})

const ask = (id: string, withCookie: string | null): Promise<Response> =>
  answerLedgerExport(
    web.runtime,
    new Request(`https://console.example/api/operations/${id}/ledger`, {
      headers: withCookie === null ? {} : { cookie: withCookie },
    }),
  )

test('every item of the ledger is one line, in the order of the manifest', async () => {
  const answer = await ask(ID, cookie)
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-disposition')).toMatch(/^attachment; filename="op-\d+-ledger\.jsonl"$/)
  const lines = (await answer.text()).trimEnd().split('\n')
  expect(lines.map((line) => JSON.parse(line).ordinal)).toEqual(Array.from({ length: 1_201 }, (_, at) => at + 1))
  expect(JSON.parse(lines[700] ?? '')).toMatchObject({ sourcePosition: '0@700', outcome: 'processed' })
})

test('nobody gets it without a session, and an unknown operation has none', async () => {
  expect((await ask(ID, null)).status).toBe(401)
  expect((await ask(randomUUID(), cookie)).status).toBe(404)
  expect((await ask('nonsense', cookie)).status).toBe(404)
})
