import { readOperationView } from '#db/store/operation-view-store.ts'
import { isConserved } from '#domain/operation/operation-counts.ts'
import { FINAL_STATES } from '#domain/operation/operation-state.ts'
import {
  beginEpisode,
  readHolder,
  until,
  type Episode,
  type EpisodePlan,
  type EpisodeVerdict,
} from '#engine/kill-suite/kill-episode.ts'
import type { EngineProcess } from '#engine/kill-suite/spawn-engine.ts'

export interface KillSchedule extends Pick<EpisodePlan, 'client' | 'databaseUrl' | 'ground' | 'kind'> {
  readonly kills: number
  /** Numbers in [0, 1) that choose the moments. */
  readonly random: () => number
}

/** What all the kills together did. All but the first five and `markedDuplicates` must be 0. */
export interface KillReport {
  readonly kills: number
  readonly messages: number
  /** How often the operation changed hands: a kill each, and a lease that a busy machine let go. */
  readonly takeovers: number
  /** From the kill to the next holder, under the short lease of the suite. */
  readonly longestTakeoverMs: number
  /** Must stay below `WINDOW` for each change of hands. */
  readonly markedDuplicates: number
  readonly lost: number
  readonly altered: number
  readonly unmarkedDuplicates: number
  readonly inversions: number
  readonly strangers: number
  /** Confirmed in the ledger and still at the source, or the other way round. */
  readonly misplaced: number
  /** Operations that did not complete, or whose ledger does not add up. */
  readonly unfinished: number
}

/** Copies that may be under way at this cap when the process dies. */
export const WINDOW = 100
const RATE_PER_SECOND = 200
const KEYS = 100
/** So many go out between two kills on average, so that one operation lives through about all of them. */
const MESSAGES_PER_KILL = 60
const MIN_MESSAGES = 400
/** A kill comes within this time of a takeover. */
const HOLD_AT_MOST_MS = 400

/**
 * One long operation whose engine is killed again and again, from its dry run to its end, at moments that `random`
 * chooses; when it ends before the kills are used up, another one. What is reported is what lies in the real places.
 */
export async function runKillSchedule(schedule: KillSchedule): Promise<KillReport> {
  let report = NOTHING
  while (report.kills < schedule.kills) {
    const left = schedule.kills - report.kills
    const messageCount = Math.max(MIN_MESSAGES, left * MESSAGES_PER_KILL)
    const episode = await beginEpisode({ ...schedule, messageCount, keyCount: KEYS, ratePerSecond: RATE_PER_SECOND })
    try {
      report = add(report, await liveThrough(episode, left, schedule.random))
    } finally {
      await episode.end()
    }
  }
  return report
}

const NOTHING: KillReport = {
  kills: 0,
  messages: 0,
  takeovers: 0,
  longestTakeoverMs: 0,
  markedDuplicates: 0,
  lost: 0,
  altered: 0,
  unmarkedDuplicates: 0,
  inversions: 0,
  strangers: 0,
  misplaced: 0,
  unfinished: 0,
}

async function liveThrough(episode: Episode, kills: number, random: () => number): Promise<KillReport> {
  const operationId = await episode.ask()
  const started = episode.start(operationId)
  const [killed] = await Promise.all([killHolders(episode, operationId, kills, random), started])
  const verdict = await episode.judge(operationId)
  return { ...countDamage(episode, verdict), ...killed, messages: episode.plan.messageCount }
}

function countDamage({ plan }: Episode, verdict: EpisodeVerdict): Omit<KillReport, 'kills' | 'longestTakeoverMs'> {
  const { view, leftAtSource, markedDuplicates, unmarkedDuplicates, inversions, ...lists } = verdict
  const { operation, counts } = view
  const isWhole = operation.state === 'completed' && counts.confirmed === plan.messageCount
  return {
    messages: plan.messageCount,
    takeovers: operation.fencingToken,
    markedDuplicates,
    unmarkedDuplicates,
    inversions,
    lost: lists.lost.length,
    altered: lists.altered.length,
    strangers: lists.strangers.length,
    misplaced: Math.abs(leftAtSource - (plan.ground.isEmptied && plan.kind !== 'import' ? 0 : plan.messageCount)),
    unfinished: isWhole && isConserved(operation.itemCount, counts) ? 0 : 1,
  }
}

const add = (left: KillReport, right: KillReport): KillReport => ({
  kills: left.kills + right.kills,
  messages: left.messages + right.messages,
  takeovers: left.takeovers + right.takeovers,
  longestTakeoverMs: Math.max(left.longestTakeoverMs, right.longestTakeoverMs),
  markedDuplicates: left.markedDuplicates + right.markedDuplicates,
  lost: left.lost + right.lost,
  altered: left.altered + right.altered,
  unmarkedDuplicates: left.unmarkedDuplicates + right.unmarkedDuplicates,
  inversions: left.inversions + right.inversions,
  strangers: left.strangers + right.strangers,
  misplaced: left.misplaced + right.misplaced,
  unfinished: left.unfinished + right.unfinished,
})

/**
 * Kills whoever holds the operation, some time into its hold, until it is over or was done `kills` times. Another
 * engine always stands ready, so that what is measured is the takeover and not the start of a process.
 */
async function killHolders(
  episode: Episode,
  operationId: string,
  kills: number,
  random: () => number,
): Promise<Pick<KillReport, 'kills' | 'longestTakeoverMs'>> {
  const standing = new Map<string, EngineProcess>()
  const standBy = async (): Promise<void> => {
    const engine = await episode.spawn()
    engine.begin()
    standing.set(engine.holder, engine)
    await engine.ready
  }
  let standingBy: Promise<unknown> = Promise.all([standBy(), standBy()])
  let longestTakeoverMs = 0
  let aboveToken = 0
  let killedAtMs = 0
  for (let killed = 0; ; killed += 1) {
    const holder = await waitForHolder(episode, operationId, standing, aboveToken)
    // Between the dry run and the start nobody holds anything: that is no takeover.
    if (killed > 1) longestTakeoverMs = Math.max(longestTakeoverMs, performance.now() - killedAtMs)
    await standingBy
    if (holder === null || killed === kills) return { kills: killed, longestTakeoverMs: Math.round(longestTakeoverMs) }
    await new Promise((resolve) => setTimeout(resolve, random() * HOLD_AT_MOST_MS))
    const engine = standing.get(holder.holder)
    standing.delete(holder.holder)
    killedAtMs = performance.now()
    await engine?.kill()
    aboveToken = holder.token
    standingBy = standBy()
  }
}

/** The engine of ours that holds the operation under a token above `aboveToken`; null when the operation is over. */
async function waitForHolder(
  episode: Episode,
  operationId: string,
  standing: ReadonlyMap<string, EngineProcess>,
  aboveToken: number,
): Promise<{ readonly holder: string; readonly token: number } | null> {
  const { client } = episode.plan
  const found = await until(async () => {
    const holder = await readHolder(client, operationId)
    if (holder !== null && holder.token > aboveToken && standing.has(holder.holder)) return holder
    const view = await readOperationView(client.database, operationId)
    return FINAL_STATES.some((state) => state === view?.operation.state) ? ('over' as const) : null
  }, 'a new holder')
  return found === 'over' ? null : found
}
