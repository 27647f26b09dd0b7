import type { Database } from '#db/client.ts'
import { pollCycle } from '#db/schema/cluster.ts'

export type PollKind = (typeof pollCycle.kind.enumValues)[number]

export interface MeasuredCycle {
  readonly clusterId: string
  readonly kind: PollKind
  readonly startedAtMs: number
  readonly durationMs: number
  readonly outcome: 'ok' | 'partial' | 'failed'
  /** Why it was not `ok`; null when it was. */
  readonly reason: string | null
  readonly itemCount: number
}

export async function insertPollCycle(database: Database, cycle: MeasuredCycle): Promise<void> {
  const { startedAtMs, ...rest } = cycle
  await database.insert(pollCycle).values({ ...rest, startedAt: new Date(startedAtMs) })
}
