import { beforeAll, expect, test } from 'vitest'
import { auditEntry } from '#db/schema/access.ts'
import { importFile, importMessage } from '#db/schema/import-file.ts'
import { useTestDatabase } from '#db/test-database.ts'
import { ROLES } from '#domain/access/role.ts'
import { writeBytes } from '#domain/export/write-message-line.ts'
import { answerImportUpload } from '#server/answer-import-upload.ts'
import { knownNothing } from '#server/test-telemetry.ts'
import { openTestWeb, type TestWeb } from '#server/test-web.ts'

const database = useTestDatabase()
const cookies = new Map<string, string>()
let web: TestWeb
const ORIGIN = 'https://console.example'

beforeAll(async () => {
  web = openTestWeb(database().database, knownNothing)
  for (const role of ROLES) cookies.set(role, await web.openSessionOf(await web.addPerson(role, role)))
})

const upload = (body: BodyInit, role: string | null = 'approver', headers: Record<string, string> = {}) =>
  answerImportUpload(
    web.runtime,
    new Request(`${ORIGIN}/api/imports?name=${encodeURIComponent('a/../orders\u0000.jsonl')}`, {
      method: 'POST',
      body,
      headers: { origin: ORIGIN, ...(role === null ? {} : { cookie: cookies.get(role) ?? '' }), ...headers },
    }),
  )

const text = (value: string): Uint8Array => new TextEncoder().encode(value)
const line = (payload: Uint8Array | null, more: object = {}): string =>
  JSON.stringify({
    format: 'throughline-dead-letter/1',
    key: null,
    headers: [],
    payload: writeBytes(payload),
    originDestination: 'orders',
    ...more,
  })

const rowsOf = async () => ({
  files: await database().database.select().from(importFile),
  messages: await database().database.select().from(importMessage).orderBy(importMessage.ordinal),
})

test('a file comes in whole: every message with its line, the hash of the file, and it is on record', async () => {
  const answer = await upload(`\ufeff${line(text('a'))}\r\n\n${line(new Uint8Array([0xff, 0]))}\n${line(null)}`)
  expect(await answer.json()).toMatchObject({
    messageCount: 3,
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    earlier: [],
  })
  expect(answer.status).toBe(200)
  const { files, messages } = await rowsOf()
  expect(files).toMatchObject([{ name: 'a..orders.jsonl', messageCount: 3, uploadedByName: 'approver' }])
  expect(messages.map(({ ordinal, line: at, payload }) => [ordinal, at, payload && [...payload]])).toEqual([
    [1, 1, [97]],
    [2, 3, [255, 0]],
    [3, 4, null],
  ])
  const verbs = (await database().database.select().from(auditEntry)).map((entry) => entry.verb)
  expect(verbs).toEqual(expect.arrayContaining(['import.begin', 'import.complete']))
})

test('a file with lines that are no messages is refused as a whole, with their numbers and without their content', async () => {
  const before = (await rowsOf()).messages.length
  const answer = await upload([line(text('a')), '{"secret":', line(text('b'), { isPayloadCut: true })].join('\n'))
  expect(answer.status).toBe(422)
  const told = await answer.text()
  expect(JSON.parse(told)).toMatchObject({
    problems: [
      { line: 2, problem: 'it is not JSON' },
      { line: 3, problem: expect.stringContaining('only the beginning') },
    ],
  })
  expect(told).not.toContain('secret')
  const after = await rowsOf()
  expect([after.messages.length, after.files.length]).toEqual([before, 1])
})

test('of a file of nonsense only the first lines are looked at', async () => {
  const answer = await upload('nonsense\n'.repeat(100_000))
  expect(answer.status).toBe(422)
  expect(((await answer.json()) as { problems: unknown[] }).problems).toHaveLength(20)
})

test.each([
  ['no message', '\n\n', 422],
  ['bytes that are no UTF-8', new Uint8Array([0xc3, 0x28]), 422],
  ['a line without an end', 'x'.repeat(9 * 1024 * 1024), 413],
])('%s is refused and leaves nothing', async (_, body, status) => {
  expect((await upload(body)).status).toBe(status)
  expect((await rowsOf()).files).toHaveLength(1)
})

test('a file that says to be too large is refused before it is read', async () => {
  const answer = await upload(line(text('a')), 'approver', { 'content-length': String(1024 ** 3) })
  expect(answer.status).toBe(413)
})

test('only those who may bring messages in, and only from our own pages', async () => {
  expect((await upload(line(text('a')), null)).status).toBe(401)
  for (const role of ['viewer', 'operator']) expect((await upload(line(text('a')), role)).status, role).toBe(403)
  expect((await upload(line(text('a')), 'admin', { origin: 'https://elsewhere.example' })).status).toBe(403)
  expect((await upload(line(text('a')), 'admin')).status).toBe(200)
})
