import { asc, eq } from 'drizzle-orm'
import { beforeEach, expect, test } from 'vitest'
import { auditEntry, loginAttempt, person, session } from '#db/schema/access.ts'
import { useTestDatabase } from '#db/test-database.ts'
import { SESSION_ABSOLUTE_MS, SESSION_IDLE_MS, SIGN_IN_WINDOW_MS } from '#domain/access/session-limits.ts'
import { ensureFirstOwner } from '#server/first-owner.ts'
import { knownNothing } from '#server/test-telemetry.ts'
import { openTestWeb, TEST_PASSWORD, type TestWeb } from '#server/test-web.ts'

const database = useTestDatabase()
const START_MS = Date.UTC(2026, 0, 5, 9)
let web: TestWeb

beforeEach(async () => {
  await database().database.delete(person)
  await database().database.delete(loginAttempt)
  web = openTestWeb(database().database, knownNothing)
  web.setNowMs(START_MS)
})

const signIn = (login: string, password: string, cookie: string | null = null) =>
  web.mutate('session.signIn', { login, password }, cookie)

const cookieOf = (response: Response): string => response.headers.getSetCookie()[0]!.split(';')[0]!

async function personBehind(cookie: string | null): Promise<{ login: string; mustChangePassword: boolean } | null> {
  const response = await web.query('session.current', undefined, cookie)
  expect(response.status).toBe(200)
  const body = (await response.json()) as { result: { data: { json: { login: string; mustChangePassword: boolean } } } }
  return body.result.data.json
}

test('who signs in with the right password is known from then on, by a cookie that scripts cannot read', async () => {
  await web.addPerson('olga', 'operator')
  const response = await signIn(' OLGA ', TEST_PASSWORD)
  expect(response.status).toBe(200)
  expect(response.headers.getSetCookie()[0]).toMatch(
    /^__Host-throughline_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=604800; Secure$/,
  )
  expect(await personBehind(cookieOf(response))).toMatchObject({ login: 'olga', permissions: expect.any(Array) })
})

test('the database does not hold the token', async () => {
  await web.addPerson('olga', 'operator')
  const token = cookieOf(await signIn('olga', TEST_PASSWORD)).split('=')[1]!
  const { rows } = await database().pool.query("select encode(token_hash, 'escape') as kept from session")
  expect(rows).toHaveLength(1)
  expect(JSON.stringify(rows)).not.toContain(token)
})

test('a wrong password, an unknown login and a disabled person get the same answer', async () => {
  await web.addPerson('olga', 'operator')
  const disabled = await web.addPerson('dora', 'operator')
  await database().database.update(person).set({ disabledAt: new Date() }).where(eq(person.id, disabled))
  const answers = await Promise.all(
    [signIn('olga', 'wrong password'), signIn('nobody', TEST_PASSWORD), signIn('dora', TEST_PASSWORD)].map(
      async (answer) => {
        const response = await answer
        const body = (await response.json()) as { error: { json: { message: string } } }
        return [response.status, body.error.json.message, response.headers.getSetCookie()]
      },
    ),
  )
  expect(answers).toEqual(Array(3).fill([403, 'the login or the password is wrong', []]))
})

test('a session that nobody used for twelve hours is over, one that is used is not', async () => {
  const id = await web.addPerson('olga', 'operator')
  const idle = await web.openSessionOf(id)
  const used = await web.openSessionOf(id)
  web.setNowMs(START_MS + SESSION_IDLE_MS - 1)
  expect(await personBehind(used)).not.toBeNull()
  web.setNowMs(START_MS + SESSION_IDLE_MS)
  expect(await personBehind(idle)).toBeNull()
  expect(await personBehind(used)).not.toBeNull()
})

test('after seven days every session is over, however much it was used', async () => {
  const cookie = await web.openSessionOf(await web.addPerson('olga', 'operator'))
  for (let nowMs = START_MS; nowMs < START_MS + SESSION_ABSOLUTE_MS; nowMs += SESSION_IDLE_MS / 2) {
    web.setNowMs(nowMs)
    expect(await personBehind(cookie)).not.toBeNull()
  }
  web.setNowMs(START_MS + SESSION_ABSOLUTE_MS)
  expect(await personBehind(cookie)).toBeNull()
})

test('signing in again replaces the session that the browser brought along', async () => {
  await web.addPerson('olga', 'operator')
  const first = cookieOf(await signIn('olga', TEST_PASSWORD))
  const second = cookieOf(await signIn('olga', TEST_PASSWORD, first))
  expect(second).not.toBe(first)
  expect(await personBehind(first)).toBeNull()
  expect(await personBehind(second)).not.toBeNull()
})

test('signing out ends the session itself, not only the cookie', async () => {
  const cookie = await web.openSessionOf(await web.addPerson('olga', 'operator'))
  const response = await web.mutate('session.signOut', undefined, cookie)
  expect(response.headers.getSetCookie()[0]).toContain('Max-Age=0')
  expect(await personBehind(cookie)).toBeNull()
})

test('a person who is disabled is signed out at once', async () => {
  const id = await web.addPerson('olga', 'operator')
  const cookie = await web.openSessionOf(id)
  await web.addPerson('anna', 'admin')
  const admin = await web.openSessionOf(await web.addPerson('adam', 'admin'))
  expect((await web.mutate('person.disable', { personId: id }, admin)).status).toBe(200)
  expect(await personBehind(cookie)).toBeNull()
})

test('an admin ends the sessions of a person, who may sign in again', async () => {
  const id = await web.addPerson('olga', 'operator')
  const cookie = await web.openSessionOf(id)
  const admin = await web.openSessionOf(await web.addPerson('adam', 'admin'))
  expect((await web.mutate('person.endSessions', { personId: id, reason: 'a lost laptop' }, admin)).status).toBe(200)
  expect(await personBehind(cookie)).toBeNull()
  expect((await signIn('olga', TEST_PASSWORD)).status).toBe(200)
})

test('who is let in again has a one-time password, and the old one is void', async () => {
  const id = await web.addPerson('olga', 'operator')
  const admin = await web.openSessionOf(await web.addPerson('adam', 'admin'))
  await web.mutate('person.disable', { personId: id, reason: 'on leave' }, admin)
  const answer = await web.mutate('person.enable', { personId: id, reason: 'back again' }, admin)
  const { result } = (await answer.json()) as { result: { data: { json: { oneTimePassword: string } } } }
  const { oneTimePassword } = result.data.json
  expect((await signIn('olga', TEST_PASSWORD)).status).toBe(403)
  expect(await personBehind(cookieOf(await signIn('olga', oneTimePassword)))).toMatchObject({
    mustChangePassword: true,
  })
  const records = await database().database.select().from(auditEntry).where(eq(auditEntry.verb, 'person.enable'))
  expect(records).toMatchObject([{ details: { input: { reason: 'back again' }, wasDisabled: true } }])
  expect(JSON.stringify(records)).not.toContain(oneTimePassword)
})

test('the last admin can be neither demoted nor disabled', async () => {
  const id = await web.addPerson('adam', 'admin')
  const admin = await web.openSessionOf(id)
  expect((await web.mutate('person.setRole', { personId: id, role: 'viewer' }, admin)).status).toBe(409)
  expect((await web.mutate('person.disable', { personId: id }, admin)).status).toBe(409)
  await web.addPerson('anna', 'admin')
  expect((await web.mutate('person.setRole', { personId: id, role: 'viewer' }, admin)).status).toBe(200)
})

test('after five failures within a minute even the right password is refused, until the minute is over', async () => {
  await web.addPerson('olga', 'operator')
  for (let attempt = 0; attempt < 5; attempt += 1) expect((await signIn('olga', 'wrong password')).status).toBe(403)
  expect((await signIn('olga', TEST_PASSWORD)).status).toBe(429)
  web.setNowMs(START_MS + SIGN_IN_WINDOW_MS + 1)
  expect((await signIn('olga', TEST_PASSWORD)).status).toBe(200)
})

test('of many guesses at once no more than five are looked at', async () => {
  await web.addPerson('olga', 'operator')
  const statuses = await Promise.all(Array.from({ length: 12 }, async () => (await signIn('olga', 'wrong')).status))
  expect(statuses.filter((status) => status === 403).length).toBeLessThanOrEqual(5)
})

test('one address cannot try the logins of many people', async () => {
  let refusedCount = 0
  for (let attempt = 0; attempt < 25; attempt += 1) {
    if ((await signIn(`person-${attempt}`, 'wrong password')).status === 429) refusedCount += 1
  }
  expect(refusedCount).toBe(5)
})

test('signing in often with the right password is not held against anybody', async () => {
  await web.addPerson('olga', 'operator')
  for (let attempt = 0; attempt < 8; attempt += 1) expect((await signIn('olga', TEST_PASSWORD)).status).toBe(200)
})

test('both kinds of sign-in are on record, without the password', async () => {
  const id = await web.addPerson('olga', 'operator')
  await signIn('olga', 'a wrong password')
  await signIn('olga', TEST_PASSWORD)
  const entries = await database()
    .database.select()
    .from(auditEntry)
    .where(eq(auditEntry.target, `person:${id}`))
    .orderBy(asc(auditEntry.id))
  expect(entries.map(({ verb, outcome }) => [verb, outcome])).toEqual([
    ['session.sign-in', 'denied'],
    ['session.sign-in', 'allowed'],
  ])
  expect(JSON.stringify(entries)).not.toContain(TEST_PASSWORD)
})

test('of several processes that start at once on an empty database one makes the owner', async () => {
  const owners = await Promise.all(Array.from({ length: 5 }, () => ensureFirstOwner(database().database)))
  expect(owners.filter((owner) => owner !== null)).toHaveLength(1)
  expect(await database().database.select().from(person)).toMatchObject([{ login: 'owner', role: 'admin' }])
})

test('the owner has to choose a password first; then the one-time password and its sessions are worth nothing', async () => {
  const owner = await ensureFirstOwner(database().database)
  const oneTime = owner!.oneTimePassword!
  const first = cookieOf(await signIn('owner', oneTime))
  expect(await personBehind(first)).toMatchObject({ mustChangePassword: true })
  expect((await web.query('cluster.list', undefined, first)).status).toBe(403)
  const wish = { currentPassword: oneTime, newPassword: 'a password of my own' }
  const changed = await web.mutate('session.changePassword', wish, first)
  expect(changed.status).toBe(200)
  const second = cookieOf(changed)
  expect(await personBehind(second)).toMatchObject({ mustChangePassword: false })
  expect((await web.query('cluster.list', undefined, second)).status).toBe(200)
  expect(await personBehind(first)).toBeNull()
  expect((await signIn('owner', oneTime)).status).toBe(403)
  expect(await ensureFirstOwner(database().database, { renewUnused: true })).toBeNull()
  expect(await database().database.select().from(session)).toHaveLength(1)
})

test('a one-time password that nobody used can be renewed, and the old one is void', async () => {
  const first = await ensureFirstOwner(database().database)
  expect(await ensureFirstOwner(database().database)).toBeNull()
  const second = await ensureFirstOwner(database().database, { renewUnused: true })
  expect((await signIn('owner', first!.oneTimePassword!)).status).toBe(403)
  expect((await signIn('owner', second!.oneTimePassword!)).status).toBe(200)
})

test('a password given from outside is permanent, and refused when it is short', async () => {
  await expect(ensureFirstOwner(database().database, { permanentPassword: 'short' })).rejects.toThrow('at least 12')
  const owner = await ensureFirstOwner(database().database, { permanentPassword: 'given from outside' })
  expect(owner).toEqual({ login: 'owner', oneTimePassword: null })
  expect(await personBehind(cookieOf(await signIn('owner', 'given from outside')))).toMatchObject({
    mustChangePassword: false,
  })
})
