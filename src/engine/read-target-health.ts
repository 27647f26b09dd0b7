import { toFailure } from '#domain/failure.ts'
import { listTargets } from '#db/store/operation-plan-store.ts'
import type { TargetHealth } from '#domain/operation/target-health.ts'
import type { PlanDraft } from '#engine/plan-draft.ts'

const MAX_TARGETS = 20
const WINDOW_MS = 10 * 60_000

/** How deliveries on the targets have ended lately, as spans tell; a target that nobody reports on is left out. */
export async function readTargetHealth(draft: PlanDraft): Promise<readonly TargetHealth[]> {
  const { telemetry, log } = draft.context
  if (telemetry.readDestinationSeries === undefined) return []
  await draft.tell({ step: 'asking how the consumers are', doneCount: 0, totalCount: null })
  const toUs = Date.now() * 1_000
  const window = { fromUs: toUs - WINDOW_MS * 1_000, toUs, stepSeconds: WINDOW_MS / 1_000, isMerged: false }
  const health: TargetHealth[] = []
  for (const destination of await listTargets(draft.database, draft.row.id, MAX_TARGETS)) {
    try {
      const buckets = await telemetry.readDestinationSeries({ ...window, destination })
      const [receivedCount, errorCount] = [sum(buckets, 'receivedCount'), sum(buckets, 'errorCount')]
      if (receivedCount > 0) health.push({ destination, receivedCount, errorCount, windowMs: WINDOW_MS })
    } catch (error) {
      // A fact less is no reason not to plan.
      log.info({ destination, reason: toFailure(error).message }, 'how deliveries ended is not known')
    }
  }
  return health
}

const sum = <Key extends string>(buckets: readonly Readonly<Record<Key, number>>[], key: Key): number =>
  Math.round(buckets.reduce((total, bucket) => total + bucket[key], 0))
