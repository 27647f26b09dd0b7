import { createHash, randomUUID } from 'node:crypto'
import { planDiscard } from '#commands/dead-letter/plan-discard.ts'
import { planRedrive } from '#commands/dead-letter/plan-redrive.ts'
import { beginImport } from '#commands/import/begin.ts'
import { completeImport } from '#commands/import/complete.ts'
import { planImport } from '#commands/import/plan.ts'
import { resumeOperation } from '#commands/operation/resume.ts'
import { startOperation } from '#commands/operation/start.ts'
import type { DatabaseClient } from '#db/client.ts'
import { appendImportMessages } from '#db/store/import-store.ts'
import { readArchivedMessages } from '#db/store/message-archive-store.ts'
import type { OperationView } from '#db/store/operation-view-store.ts'
import type { OperationKind } from '#domain/operation/operation-kind.ts'
import { FINAL_STATES } from '#domain/operation/operation-state.ts'
import { OPERATOR, seedDeadLetters, waitFor, waitForState } from '#engine/engine-fixture.ts'
import { IMPORTER } from '#engine/import-fixture.ts'
import { checkCopies, type CopyVerdict } from '#engine/kill-suite/check-copies.ts'
import {
  readAll,
  readFoundCopies,
  seedPlace,
  toFoundCopy,
  type KillGround,
  type SeededPlace,
} from '#engine/kill-suite/kill-ground.ts'
import { spawnEngine, type EngineProcess } from '#engine/kill-suite/spawn-engine.ts'

/** Short, so that a suite of many kills ends soon; the promise holds for any length. */
const LEASE_TTL_MS = 700
/** The machine may be busy; nothing is judged by how long it took. */
const LIMIT_MS = 120_000
const LINES_AT_ONCE = 1_000

export interface EpisodePlan {
  readonly client: DatabaseClient
  /** Where the engines find the ledger. */
  readonly databaseUrl: string
  readonly ground: KillGround
  readonly kind: OperationKind
  readonly messageCount: number
  readonly keyCount: number
  readonly ratePerSecond: number
}

export interface EngineTwist {
  readonly leaseTtlMs?: number
  readonly clockOffsetMs?: number
  /** Its ways to the broker and to the ledger, when they are not the episode's own. */
  readonly configuration?: unknown
  readonly secret?: unknown
  readonly databaseUrl?: string
}

export interface Episode {
  readonly plan: EpisodePlan
  readonly place: SeededPlace
  /** An engine that has got ready and waits for `begin`. */
  readonly spawn: (twist?: EngineTwist) => Promise<EngineProcess>
  /** Asks for the dry run; resolves at once with the id. */
  readonly ask: () => Promise<string>
  /** Waits for the dry run and starts; an engine must be running. */
  readonly start: (operationId: string) => Promise<void>
  /** Waits for the end, then looks at the real destination (or the archive), the source and the ledger. */
  readonly judge: (operationId: string) => Promise<EpisodeVerdict>
  /** Kills every engine of the episode. */
  readonly end: () => Promise<void>
}

export interface EpisodeVerdict extends CopyVerdict {
  readonly view: OperationView
  /** What still lies at the source. */
  readonly leftAtSource: number
}

export async function beginEpisode(plan: EpisodePlan): Promise<Episode> {
  const { client, ground } = plan
  const { database } = client
  const place = await seedPlace(ground, plan.messageCount, plan.keyCount)
  const fingerprint = randomUUID()
  const seeded = { clusterId: 'k', destination: place.source, fingerprint }
  const letterIds = await seedDeadLetters(database, seeded, place.letters)
  const engines: EngineProcess[] = []
  return {
    plan,
    place,
    spawn: async (twist = {}) => {
      const { databaseUrl } = plan
      const { kind, configuration, secret } = ground
      const own = { holder: `engine-${randomUUID()}`, leaseTtlMs: LEASE_TTL_MS }
      const engine = await spawnEngine({ databaseUrl, kind, configuration, secret, ...own, ...twist })
      engines.push(engine)
      return engine
    },
    ask: () => (plan.kind === 'import' ? askForImport(plan, place) : askAsPerson(plan, place.source, fingerprint)),
    start: async (operationId) => {
      const { operation } = await waitForState(database, operationId, ['planned', 'failed'], LIMIT_MS)
      const start = { operationId, manifestHash: operation.manifestHash ?? '' }
      await startOperation({ database, actor: OPERATOR }, start)
    },
    judge: async (operationId) => {
      const view = await waitForEnd(client, operationId).catch((error: unknown) => {
        throw new Error(`${String(error)}\n${engines.map((engine) => engine.readOutput()).join('\n')}`)
      })
      const leftAtSource = (await readAll(ground.broker, place.source)).length
      return { ...(await judgeCopies(plan, place, letterIds)), view, leftAtSource }
    },
    end: async () => {
      await Promise.all(engines.map((engine) => engine.kill()))
    },
  }
}

/** As a person would: what pauses because a busy machine did not answer in time is resumed, a few times. */
async function waitForEnd(client: DatabaseClient, operationId: string): Promise<OperationView> {
  for (let resumed = 0; ; resumed += 1) {
    const view = await waitForState(client.database, operationId, ['paused', ...FINAL_STATES], LIMIT_MS)
    if (view.operation.state !== 'paused' || resumed === 3) return view
    await resumeOperation({ database: client.database, actor: OPERATOR }, { operationId })
    await waitFor(client.database, operationId, ({ operation }) => operation.state !== 'paused', LIMIT_MS)
  }
}

async function askAsPerson(plan: EpisodePlan, source: string, fingerprint: string): Promise<string> {
  const as = { database: plan.client.database, actor: OPERATOR }
  const { ratePerSecond } = plan
  const selection = { fingerprint }
  const wish = { requestKey: randomUUID(), clusterId: 'k', source, selection, reason: 'a crash must not matter' }
  if (plan.kind === 'discard') return (await planDiscard(as, { ...wish, ratePerSecond })).operationId
  const redrive = { ...wish, ratePerSecond, canarySize: 0, target: 'origin' as const, edit: [] }
  return (await planRedrive(as, redrive)).operationId
}

/** The messages of the place as a file that came in; what lies in the place itself is not touched. */
async function askForImport({ client: { database }, ratePerSecond }: EpisodePlan, place: SeededPlace): Promise<string> {
  const as = { database, actor: IMPORTER }
  const { importId } = await beginImport(as, { name: `${place.origin}.jsonl` })
  for (let from = 0; from < place.messages.length; from += LINES_AT_ONCE) {
    const part = place.messages.slice(from, from + LINES_AT_ONCE).map(({ key, headers, payload }, at) => ({
      ordinal: from + at + 1,
      line: from + at + 1,
      message: { key, headers, payload, originDestination: place.origin, correlationId: null },
    }))
    await appendImportMessages(database, importId, part)
  }
  const messageCount = place.messages.length
  const sha256 = createHash('sha256').update(importId).digest('hex')
  await completeImport(as, { importId, sha256, byteCount: messageCount, messageCount })
  const wish = { requestKey: randomUUID(), importId, clusterId: 'k', target: null, ratePerSecond, canarySize: 0 }
  return (await planImport(as, { ...wish, reason: 'a crash must not matter' })).operationId
}

/** Of a discard the archive is looked at, which knows no order, and anything at the destination is one too many. */
async function judgeCopies(
  { client, ground, kind }: EpisodePlan,
  place: SeededPlace,
  letterIds: readonly number[],
): Promise<CopyVerdict> {
  const arrived = await readFoundCopies(ground, place.origin)
  if (kind !== 'discard') return checkCopies(place.expected, arrived)
  const archived = await readArchivedMessages(client.database, letterIds)
  const verdict = checkCopies(
    place.expected.map((message) => ({ ...message, key: null })),
    archived.map((message) => toFoundCopy(ground, message)),
  )
  return { ...verdict, strangers: [...verdict.strangers, ...arrived.map((copy) => copy.id)] }
}

/** Who holds an operation now, and under which token; null while nobody has taken it. */
export async function readHolder(
  client: DatabaseClient,
  operationId: string,
): Promise<{ readonly holder: string; readonly token: number } | null> {
  const { rows } = await client.pool.query<{ holder: string; token: string }>(
    `select lease.holder, operation.fencing_token as token from lease
     join operation on 'operation:' || operation.id = lease.name and operation.fencing_token = lease.fencing_token
     where operation.id = $1 and lease.expires_at > clock_timestamp()`,
    [operationId],
  )
  return rows[0] === undefined ? null : { holder: rows[0].holder, token: Number(rows[0].token) }
}

/** Polls until `look` answers something. @throws when it does not in time */
export async function until<Found>(
  look: () => Promise<Found | null>,
  what: string,
  limitMs = LIMIT_MS,
): Promise<Found> {
  const endMs = performance.now() + limitMs
  for (;;) {
    const found = await look()
    if (found !== null) return found
    if (performance.now() > endMs) throw new Error(`not in ${limitMs} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
