import { beforeAll, expect, test } from 'vitest'
import { auditEntry } from '#db/schema/access.ts'
import { deadLetter } from '#db/schema/dead-letter.ts'
import { useTestDatabase } from '#db/test-database.ts'
import { ROLES } from '#domain/access/role.ts'
import { answerDeadLetterExport } from '#server/answer-dead-letter-export.ts'
import { knownNothing } from '#server/test-telemetry.ts'
import { openTestWeb, type TestWeb } from '#server/test-web.ts'

const database = useTestDatabase()
let web: TestWeb
const FINGERPRINT = '00000000000000aa'

beforeAll(async () => {
  web = openTestWeb(database().database, knownNothing)
  for (const role of ROLES) cookies.set(role, await web.openSessionOf(await web.addPerson(role, role)))
  await database()
    .database.insert(deadLetter)
    .values(
      Array.from({ length: 250 }, (_, at) => ({
        clusterId: 'k',
        destination: 'orders.DLT',
        position: `0@${at}`,
        deadAt: new Date(at),
        dialect: 'none',
        fingerprint: FINGERPRINT,
        fingerprintTitle: 'a bug',
        messageKey: new Uint8Array([0xff]),
        headers: [{ n: 'tenant', t: 'acme' }, { n: 'tenant' }],
        payload: new TextEncoder().encode(`{"card":"4111111111111111","at":${at}}`),
        payloadBytes: 30,
      })),
    )
})

const cookies = new Map<string, string>()
const ask = (query: string, cookie: string | undefined): Promise<Response> =>
  answerDeadLetterExport(
    web.runtime,
    new Request(`https://console.example/api/dead-letters/export?${query}`, { headers: cookie ? { cookie } : {} }),
  )

test('every dead letter of the selection is one line, whole, with its key and headers, in order; and it is on record', async () => {
  const answer = await ask(`fingerprint=${FINGERPRINT}`, cookies.get('approver'))
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-disposition')).toBe('attachment; filename="dead-letters-open.jsonl"')
  const lines = (await answer.text()).trimEnd().split('\n')
  expect(lines.map((line) => JSON.parse(line).position)).toEqual(Array.from({ length: 250 }, (_, at) => `0@${at}`))
  expect(JSON.parse(lines[7] ?? '')).toMatchObject({
    format: 'throughline-dead-letter/1',
    key: { base64: '/w==' },
    headers: [
      { name: 'tenant', value: { text: 'acme' } },
      { name: 'tenant', value: null },
    ],
    payload: { text: '{"card":"4111111111111111","at":7}' },
    isPayloadCut: false,
  })
  const entries = await database().database.select().from(auditEntry)
  expect(entries).toContainEqual(
    expect.objectContaining({ verb: 'dead-letter.export', actorName: 'approver', outcome: 'allowed' }),
  )
})

test('only those who may take payloads out get any, and a refusal is on record', async () => {
  expect((await ask('', undefined)).status).toBe(401)
  for (const role of ['viewer', 'operator']) expect((await ask('', cookies.get(role))).status, role).toBe(403)
  expect((await ask('', cookies.get('admin'))).status).toBe(200)
  const entries = await database().database.select().from(auditEntry)
  expect(entries).toContainEqual(
    expect.objectContaining({ verb: 'dead-letter.export', actorName: 'operator', outcome: 'denied' }),
  )
})

test('an empty selection says so, and a question that does not parse is refused', async () => {
  expect((await ask('state=expired', cookies.get('admin'))).status).toBe(404)
  expect((await ask('state=nonsense', cookies.get('admin'))).status).toBe(400)
  expect((await ask('fingerprint=1', cookies.get('admin'))).status).toBe(400)
})
