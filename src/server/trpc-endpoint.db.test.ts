import { beforeAll, expect, test } from 'vitest'
import { useTestDatabase } from '#db/test-database.ts'
import { knownNothing } from '#server/test-telemetry.ts'
import { openTestWeb, type TestWeb } from '#server/test-web.ts'

const database = useTestDatabase()
const JSON_TYPE = { 'content-type': 'application/json' }
let web: TestWeb
let cookie: string

beforeAll(async () => {
  web = openTestWeb(database().database, knownNothing)
  cookie = await web.openSessionOf(await web.addPerson('adam', 'admin'))
})

const newPerson = (login: string, headers: Record<string, string>) =>
  web.mutate('person.create', { login, name: login, role: 'viewer', reason: 'joins the team' }, cookie, {
    cookie,
    ...headers,
  })

test('a mutation from our own origin is carried out', async () => {
  expect((await newPerson('a', { ...JSON_TYPE, origin: 'https://console.example' })).status).toBe(200)
})

test.each([
  ['no Origin', {}],
  ['a null Origin', { origin: 'null' }],
  ['another site', { origin: 'https://evil.example' }],
  ['the same host over http', { origin: 'http://console.example' }],
  ['the same host on another port', { origin: 'https://console.example:8443' }],
  ['a host that begins alike', { origin: 'https://console.example.evil.example' }],
  ['a loopback page while the request went elsewhere', { origin: 'http://127.0.0.1:3000', host: 'console.example' }],
  ['another port of the loopback host', { origin: 'http://127.0.0.1:4000', host: '127.0.0.1:3000' }],
])('a mutation with %s is refused although the session is good', async (_title, headers) => {
  expect((await newPerson('b', { ...JSON_TYPE, ...headers })).status).toBe(403)
})

test('on a loopback host the own host and port is as good as the configured one', async () => {
  const response = await newPerson('c', { ...JSON_TYPE, origin: 'http://127.0.0.1:3000', host: '127.0.0.1:3000' })
  expect(response.status).toBe(200)
})

test.each(['text/plain', 'multipart/form-data; boundary=x', 'application/x-www-form-urlencoded', ''])(
  'a body of type "%s" is refused, as a form of another site could send it',
  async (type) => {
    expect((await newPerson('d', { origin: 'https://console.example', 'content-type': type })).status).toBe(415)
  },
)

test('a mutation does not go by GET', async () => {
  expect(
    (await web.query('person.create', { login: 'e', name: 'e', role: 'viewer', reason: 'joins the team' }, cookie))
      .status,
  ).toBe(405)
})

test('an unexpected failure says nothing of its cause but an id to look for', async () => {
  const faulty = openTestWeb(database().database, {
    ...knownNothing,
    listFlows: () => Promise.reject(new Error('password=hunter2 at 10.0.0.7')),
  })
  const response = await faulty.query('flow.list', { fromMs: 0, toMs: 1 }, cookie)
  expect(response.status).toBe(500)
  const text = await response.text()
  expect(text).not.toMatch(/hunter2|10\.0\.0\.7|stack/)
  expect(text).toMatch(/"errorId":"[0-9a-f-]{36}"/)
})

test('an expected failure keeps its words and its code', async () => {
  const response = await web.query('deadLetter.get', { id: '404' }, cookie)
  expect(response.status).toBe(404)
  expect(await response.json()).toMatchObject({
    error: { json: { message: 'no dead letter 404', data: { failure: { code: 'not-found', retryable: false } } } },
  })
})

test('answers are not kept by any cache', async () => {
  expect((await web.query('cluster.list', undefined, cookie)).headers.get('cache-control')).toBe('no-store')
})
