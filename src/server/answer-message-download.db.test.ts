import { beforeAll, expect, test } from 'vitest'
import { auditEntry } from '#db/schema/access.ts'
import { deadLetter } from '#db/schema/dead-letter.ts'
import { useTestDatabase } from '#db/test-database.ts'
import { ROLES } from '#domain/access/role.ts'
import { answerDeadLetterDownload, answerLiveMessageDownload } from '#server/answer-message-download.ts'
import type { Runtime } from '#server/runtime.ts'
import { knownNothing } from '#server/test-telemetry.ts'
import { openTestWeb } from '#server/test-web.ts'

const database = useTestDatabase()
const cookies = new Map<string, string>()
const ids: number[] = []
const WHOLE = Buffer.from('<script>whole</script>')
let runtime: Runtime

beforeAll(async () => {
  const web = openTestWeb(database().database, knownNothing)
  runtime = {
    ...web.runtime,
    askCollector: () =>
      Promise.resolve({
        key: null,
        payload: WHOLE.toString('base64'),
        payloadBytes: WHOLE.length,
        headers: [],
        timestampMs: null,
      }),
  }
  for (const role of ROLES) cookies.set(role, await web.openSessionOf(await web.addPerson(role, role)))
  const letter = { clusterId: 'k', destination: 'a"b\r\n/c', deadAt: new Date(0), dialect: 'none', headers: [] }
  const group = { fingerprint: '00000000000000aa', fingerprintTitle: 'a bug' }
  const rows = await database()
    .database.insert(deadLetter)
    .values([
      { ...letter, ...group, position: '0@1', payload: Buffer.from('{"card":"4111111111111111"}'), payloadBytes: 27 },
      {
        ...letter,
        ...group,
        position: '0@2',
        payload: WHOLE.subarray(0, 5),
        payloadBytes: WHOLE.length,
        isPayloadCut: true,
      },
      { ...letter, ...group, position: '0@3', payload: null, payloadBytes: 0 },
      { ...letter, ...group, position: '0@4', payload: Buffer.of(1), payloadBytes: 9_000_000, isPayloadCut: true },
    ])
    .returning({ id: deadLetter.id })
  ids.push(...rows.map((row) => row.id))
})

const ask = (id: unknown, role: string | null, query = ''): Promise<Response> =>
  answerDeadLetterDownload(
    runtime,
    new Request(`https://console.example/api/dead-letters/${String(id)}/download${query}`, {
      headers: role === null ? {} : { cookie: cookies.get(role) ?? '' },
    }),
  )

test('the payload leaves byte for byte as an attachment that no browser opens, and that is on record', async () => {
  const answer = await ask(ids[0], 'approver')
  expect(answer.status).toBe(200)
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'content-type': 'application/octet-stream',
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    'content-disposition': 'attachment; filename="a_b_c-0_1.bin"',
  })
  expect(await answer.text()).toBe('{"card":"4111111111111111"}')
  expect(await database().database.select().from(auditEntry)).toContainEqual(
    expect.objectContaining({ verb: 'dead-letter.download', target: `dead-letter:${ids[0]}`, outcome: 'allowed' }),
  )
})

test('with key and headers it is the line that an export would have', async () => {
  const answer = await ask(ids[0], 'approver', '?form=line')
  expect(JSON.parse(await answer.text())).toMatchObject({ format: 'throughline-dead-letter/1', position: '0@1' })
})

test('what the inbox holds in part is read whole from its place, or refused when it is too large', async () => {
  expect(await (await ask(ids[1], 'approver')).text()).toBe(WHOLE.toString())
  expect((await ask(ids[3], 'approver')).status).toBe(413)
})

test('a tombstone, an unknown id and an address that names none are told', async () => {
  expect((await ask(ids[2], 'approver')).status).toBe(404)
  expect((await ask(999_999, 'approver')).status).toBe(404)
  expect((await ask('x', 'approver')).status).toBe(400)
})

test('without a session and below approver nothing leaves, and the refusal is on record', async () => {
  expect((await ask(ids[0], null)).status).toBe(401)
  for (const role of ['viewer', 'operator']) expect((await ask(ids[0], role)).status, role).toBe(403)
  expect(await database().database.select().from(auditEntry)).toContainEqual(
    expect.objectContaining({ verb: 'dead-letter.download', actorName: 'operator', outcome: 'denied' }),
  )
})

test('a flow that is not known has no message to give', async () => {
  const address = 'https://console.example/api/flows/order-1/message'
  const cookie = cookies.get('approver') ?? ''
  const answer = await answerLiveMessageDownload(runtime, new Request(`${address}?hop=h`, { headers: { cookie } }))
  expect(answer.status).toBe(404)
  expect((await answerLiveMessageDownload(runtime, new Request(address, { headers: { cookie } }))).status).toBe(400)
})
