import { randomUUID } from 'node:crypto'
import type { DatabaseClient } from '#db/client.ts'
import { readOperationView, type OperationView } from '#db/store/operation-view-store.ts'
import { redriveAsPerson, seedDeadLetters, waitFor } from '#engine/engine-fixture.ts'
import { checkCopies, type CopyVerdict } from '#engine/kill-suite/check-copies.ts'
import { readAll, readFoundCopies, seedPlace, type KillGround } from '#engine/kill-suite/kill-ground.ts'
import { spawnEngine, type EngineProcess } from '#engine/kill-suite/spawn-engine.ts'

/** Short, so that a suite of many kills ends soon; the promise holds for any length. */
export const LEASE_TTL_MS = 2_000

export interface EpisodePlan {
  readonly client: DatabaseClient
  readonly databaseUrl: string
  readonly ground: KillGround
  readonly messageCount: number
  readonly keyCount: number
  readonly ratePerSecond: number
}

export interface Episode {
  readonly plan: EpisodePlan
  readonly spawn: (failpoint?: string) => EngineProcess
  /** Plans and starts the redrive of all that was seeded; an engine must be running. */
  readonly redrive: () => Promise<string>
  /** Waits for the end, then looks at the real destination, the source and the ledger. */
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
  const place = await seedPlace(ground, plan.messageCount, plan.keyCount)
  const fingerprint = randomUUID()
  const seeded = { clusterId: 'k', destination: place.source, fingerprint }
  await seedDeadLetters(client.database, seeded, place.letters)
  const engines: EngineProcess[] = []
  return {
    plan,
    spawn: (failpoint) => {
      const engine = spawnEngine({
        databaseUrl: plan.databaseUrl,
        kind: ground.kind,
        configuration: ground.configuration,
        secret: ground.secret,
        holder: `engine-${randomUUID()}`,
        leaseTtlMs: LEASE_TTL_MS,
        ...(failpoint === undefined ? {} : { failpoint }),
      })
      engines.push(engine)
      return engine
    },
    redrive: () =>
      redriveAsPerson(client.database, {
        clusterId: 'k',
        source: place.source,
        fingerprint,
        ratePerSecond: plan.ratePerSecond,
      }),
    judge: async (operationId) => {
      const view = await waitFor(
        client.database,
        operationId,
        ({ operation }) => operation.state !== 'queued' && operation.state !== 'running',
        TAKEOVER_LIMIT_MS,
      ).catch((error: unknown) => {
        throw new Error(`${String(error)}\n${engines.map((engine) => engine.readOutput()).join('\n')}`)
      })
      const found = await readFoundCopies(ground, place.origin)
      const leftAtSource = (await readAll(ground.broker, place.source)).length
      return { ...checkCopies(place.expected, found), view, leftAtSource }
    },
    end: async () => {
      await Promise.all(engines.map((engine) => engine.kill()))
    },
  }
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
export async function until<Found>(look: () => Promise<Found | null>, limitMs: number, what: string): Promise<Found> {
  const endMs = Date.now() + limitMs
  for (;;) {
    const found = await look()
    if (found !== null) return found
    if (Date.now() > endMs) throw new Error(`not in ${limitMs} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** A kill counts as survived only when somebody takes over; the machine may be busy. */
const TAKEOVER_LIMIT_MS = 120_000

export interface KillCount {
  readonly kills: number
  readonly longestTakeoverMs: number
}

/**
 * Kills whoever holds the operation, some time into its hold, until it is over or was done `kills` times. Another
 * engine always stands ready, so that what is measured is the takeover and not the start of a process.
 */
export async function killHolders(
  episode: Episode,
  operationId: string,
  kills: number,
  random: () => number,
): Promise<KillCount> {
  const standing = new Map<string, EngineProcess>()
  const standBy = async (): Promise<void> => {
    const engine = episode.spawn()
    standing.set(engine.holder, engine)
    await engine.ready
  }
  await standBy()
  let longestTakeoverMs = 0
  let lastToken = 0
  for (let killed = 0; killed < kills; killed += 1) {
    await standBy()
    const holder = await waitForHolder(episode, operationId, standing, lastToken)
    if (holder === null) return { kills: killed, longestTakeoverMs }
    await new Promise((resolve) => setTimeout(resolve, random() * 400))
    const engine = standing.get(holder.holder)
    standing.delete(holder.holder)
    const killedAtMs = Date.now()
    await engine?.kill()
    const next = await waitForHolder(episode, operationId, standing, holder.token)
    if (next === null) return { kills: killed + 1, longestTakeoverMs }
    longestTakeoverMs = Math.max(longestTakeoverMs, Date.now() - killedAtMs)
    lastToken = holder.token
  }
  return { kills, longestTakeoverMs }
}

/** The engine of ours that holds the operation under a token above `aboveToken`; null when the operation is over. */
async function waitForHolder(
  episode: Episode,
  operationId: string,
  standing: ReadonlyMap<string, EngineProcess>,
  aboveToken: number,
): Promise<{ readonly holder: string; readonly token: number } | null> {
  const { client } = episode.plan
  const found = await until(
    async () => {
      const holder = await readHolder(client, operationId)
      if (holder !== null && holder.token > aboveToken && standing.has(holder.holder)) return holder
      const view = await readOperationView(client.database, operationId)
      return view?.operation.state === 'completed' ? ('over' as const) : null
    },
    TAKEOVER_LIMIT_MS,
    'a new holder',
  )
  return found === 'over' ? null : found
}
