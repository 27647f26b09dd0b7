import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { useTestDatabase } from '#db/test-database.ts'
import { auditEntry } from '#db/schema/access.ts'
import { isAllowed, ROLES, type Role } from '#domain/access/role.ts'
import { OPEN_BEFORE_PASSWORD_CHANGE, PROCEDURE_ACCESS, ROUTE_ACCESS } from '#server/access-matrix.ts'
import { appRouter } from '#server/app-router.ts'
import { openTestWeb, type TestWeb } from '#server/test-web.ts'
import { knownNothing } from '#server/test-telemetry.ts'

const database = useTestDatabase()
const APP = join(import.meta.dirname, '../app')

interface Walked {
  readonly path: string
  readonly type: 'query' | 'mutation' | 'subscription'
  readonly permission: string
  readonly isOpen: boolean
}

interface Definition {
  readonly _def: {
    readonly type: Walked['type']
    readonly meta?: { readonly permission: string; readonly isOpenBeforePasswordChange: boolean }
  }
}

// tRPC keeps every procedure flat under its dotted path; its types show the nested form.
const flat = appRouter._def.procedures as unknown as Readonly<Record<string, Definition>>
const procedures: Walked[] = Object.entries(flat).map(
  ([
    path,
    {
      _def: { type, meta },
    },
  ]) => ({
    path,
    type,
    permission: meta?.permission ?? 'none',
    isOpen: meta?.isOpenBeforePasswordChange ?? false,
  }),
)

let web: TestWeb
const people = new Map<Role, string>()

beforeAll(async () => {
  web = openTestWeb(database().database, knownNothing)
  for (const role of ROLES) people.set(role, await web.addPerson(role, role))
})

const ask = (walked: Walked, cookie: string | null): Promise<Response> =>
  walked.type === 'mutation' ? web.mutate(walked.path, null, cookie) : web.query(walked.path, null, cookie)

test('the walk sees every procedure', () => {
  expect(procedures.length).toBeGreaterThan(20)
})

test('every procedure is declared, asks for what is declared, and nothing else is declared', () => {
  expect(Object.fromEntries(procedures.map(({ path, permission }) => [path, permission]))).toEqual(PROCEDURE_ACCESS)
  expect(procedures.filter(({ isOpen }) => isOpen).map(({ path }) => path)).toEqual(OPEN_BEFORE_PASSWORD_CHANGE)
})

test('without a session every procedure but the public ones is refused', async () => {
  for (const walked of procedures) {
    const { status } = await ask(walked, null)
    if (walked.permission === 'public') expect([200, 400], walked.path).toContain(status)
    else expect(status, walked.path).toBe(401)
  }
})

test.each(ROLES)('%s gets exactly what the role is allowed', async (role) => {
  for (const walked of procedures) {
    const declared = PROCEDURE_ACCESS[walked.path]
    const cookie = await web.openSessionOf(people.get(role)!)
    const { status } = await ask(walked, cookie)
    const mayAsk = declared === 'public' || (declared !== undefined && isAllowed(role, declared))
    if (mayAsk) expect([200, 400], `${role} ${walked.path}`).toContain(status)
    else expect(status, `${role} ${walked.path}`).toBe(403)
  }
})

test('a session that nobody opened is no session', async () => {
  const forged = `__Host-throughline_session=${'A'.repeat(43)}`
  for (const walked of procedures.filter(({ permission }) => permission !== 'public')) {
    expect((await ask(walked, forged)).status, walked.path).toBe(401)
  }
})

test('with a one-time password nothing is open but replacing it and leaving, even to an admin', async () => {
  const id = await web.addPerson('newcomer', 'admin', { mustChangePassword: true })
  for (const walked of procedures) {
    const { status } = await ask(walked, await web.openSessionOf(id))
    if (OPEN_BEFORE_PASSWORD_CHANGE.includes(walked.path)) expect([200, 400], walked.path).toContain(status)
    else expect(status, walked.path).toBe(403)
  }
})

test('a refused mutation is on record with who asked', async () => {
  const cookie = await web.openSessionOf(people.get('viewer')!)
  await web.mutate('operation.start', null, cookie)
  const entries = await database().database.select().from(auditEntry)
  expect(entries).toContainEqual(
    expect.objectContaining({ verb: 'operation.start', actorName: 'viewer', outcome: 'denied' }),
  )
})

function filesUnder(folder: string, pattern: RegExp): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return filesUnder(path, pattern)
    return pattern.test(entry.name) ? [path] : []
  })
}

test('every route handler is declared', () => {
  const routes = filesUnder(APP, /^route\.tsx?$/).map((path) => relative(APP, dirname(path)))
  expect(routes.toSorted()).toEqual(Object.keys(ROUTE_ACCESS).toSorted())
})

test('a page takes nothing from the server by itself: what it shows, or asks ahead, comes through the procedures', () => {
  const readers = filesUnder(APP, /\.tsx$/).filter((path) =>
    /^import (?!type\b)[^\n]*'#(server\/(?!(ask-ahead|runtime)\.ts')|commands\/|db\/)/m.test(
      readFileSync(path, 'utf8'),
    ),
  )
  expect(readers).toEqual([])
})
