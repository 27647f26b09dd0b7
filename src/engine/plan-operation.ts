import type { Broker } from '#brokers/broker.ts'
import { advanceOperation } from '#commands/operation/advance.ts'
import type { Database } from '#db/client.ts'
import { freezeDiscard, readDiscardFacts } from '#db/store/discard-plan-store.ts'
import { freezeManifest, hashManifest, readManifestFacts } from '#db/store/operation-plan-store.ts'
import { recordPlan, type OperationRow } from '#db/store/operation-store.ts'
import { Failure } from '#domain/failure.ts'
import { ARCHIVE_KEEP_MS } from '#domain/operation/archive-keep.ts'
import { draftDiscardPlan } from '#domain/operation/draft-discard-plan.ts'
import { draftPlan } from '#domain/operation/draft-plan.ts'
import type { RedrivePlan } from '#domain/operation/redrive-plan.ts'
import { findOvertakenKeys } from '#engine/find-overtaken-keys.ts'
import { tryEdit } from '#engine/try-edit.ts'
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
    const broker = requireReading(await context.brokers.get(row.clusterId))
    await database.transaction(async (transaction) => {
      const itemCount = await freeze(transaction, row)
      if (itemCount === 0) throw new Failure('not-found', 'no open dead letter matches the selection')
      if (itemCount > MAX_ITEMS) throw new Failure('limit', `more than ${MAX_ITEMS} dead letters match the selection`)
      const plan = await draft(context, transaction, row, broker)
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

const freeze = (transaction: Database, row: OperationRow): Promise<number> =>
  row.kind === 'discard' ? freezeDiscard(transaction, row, MAX_ITEMS) : freezeManifest(transaction, row, MAX_ITEMS)

async function draft(
  { log }: EngineContext,
  transaction: Database,
  row: OperationRow,
  broker: Broker,
): Promise<RedrivePlan> {
  const { ratePerSecond, source } = row
  const plannedAtMs = Date.now()
  if (row.kind === 'discard') {
    const canRemove = broker.deadLetters?.remove !== undefined
    const terms = { plannedAtMs, ratePerSecond, source, canRemove, keepMs: ARCHIVE_KEEP_MS }
    return draftDiscardPlan(await readDiscardFacts(transaction, row.id), terms)
  }
  const { confirmContract } = broker.send
  const edit = row.edit === null ? null : await tryEdit(transaction, broker, row, row.edit)
  const overtaken = await findOvertakenKeys(transaction, broker, row.id, log)
  return draftPlan(await readManifestFacts(transaction, row, { edit, overtaken }), {
    plannedAtMs,
    ratePerSecond,
    confirmContract,
  })
}

/** Copies are made of the live message, byte for byte: a broker that cannot give it back cannot be redriven from. */
function requireReading(broker: Broker): Broker {
  if (broker.replaySource) return broker
  throw new Failure('unsupported', `${broker.kind} cannot read single messages, so nothing can be redriven`)
}
