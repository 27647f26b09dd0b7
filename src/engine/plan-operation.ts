import type { Broker } from '#brokers/broker.ts'
import { advanceOperation } from '#commands/operation/advance.ts'
import { freezeManifest, hashManifest, readManifestFacts } from '#db/store/operation-plan-store.ts'
import { recordPlan, type OperationRow } from '#db/store/operation-store.ts'
import { Failure } from '#domain/failure.ts'
import { draftPlan } from '#domain/operation/draft-plan.ts'
import { ENGINE_ACTOR, type EngineContext } from '#engine/engine-context.ts'

/** More than this is not one redrive any more. */
export const MAX_ITEMS = 1_000_000

/**
 * Freezes the manifest and makes the dry run, in one transaction: after a crash in the middle there is no half of a
 * plan, and the next holder begins anew. The operation goes on to `planned`, or to `failed` with the reason.
 *
 * @throws Failure `broker-unavailable` and the like: then it is tried again
 */
export async function planOperation(context: EngineContext, row: OperationRow): Promise<void> {
  const { database } = context.client
  const move = { operationId: row.id, from: 'planning', fencingToken: row.fencingToken } as const
  try {
    const confirmContract = requireReading(await context.brokers.get(row.clusterId)).send.confirmContract
    await database.transaction(async (transaction) => {
      const itemCount = await freezeManifest(transaction, row, MAX_ITEMS)
      if (itemCount === 0) throw new Failure('not-found', 'no open dead letter matches the selection')
      if (itemCount > MAX_ITEMS) throw new Failure('limit', `more than ${MAX_ITEMS} dead letters match the selection`)
      const facts = await readManifestFacts(transaction, row)
      const plan = draftPlan(facts, { plannedAtMs: Date.now(), ratePerSecond: row.ratePerSecond, confirmContract })
      const manifestHash = await hashManifest(transaction, row.id)
      if (!(await recordPlan(transaction, row.id, { plan, manifestHash, itemCount }))) {
        throw new Failure('conflict', 'the operation is not being planned any more')
      }
      await advanceOperation({ database: transaction, actor: ENGINE_ACTOR }, { ...move, to: 'planned', reason: null })
    })
  } catch (error) {
    if (!(error instanceof Failure) || error.retryable || error.code === 'conflict') throw error
    await advanceOperation({ database, actor: ENGINE_ACTOR }, { ...move, to: 'failed', reason: error.message })
  }
}

/** Copies are made of the live message, byte for byte: a broker that cannot give it back cannot be redriven from. */
function requireReading(broker: Broker): Broker {
  if (broker.replaySource) return broker
  throw new Failure('unsupported', `${broker.kind} cannot read single messages, so nothing can be redriven`)
}
