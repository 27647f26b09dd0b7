import type { Broker } from '#brokers/broker.ts'
import { advanceOperation } from '#commands/operation/advance.ts'
import type { Database } from '#db/client.ts'
import { freezeDiscard, readDiscardFacts } from '#db/store/discard-plan-store.ts'
import type { LedgerFence } from '#db/store/operation-ledger-store.ts'
import { freezeManifest, hashManifest, readManifestFacts } from '#db/store/operation-plan-store.ts'
import { listEarlierImports } from '#db/store/import-store.ts'
import { freezeImport, readImportFacts } from '#db/store/import-plan-store.ts'
import { recordPlan, type OperationRow } from '#db/store/operation-store.ts'
import { dropManifest, lockPlanning, settleSelectionChange } from '#db/store/plan-draft-store.ts'
import { Failure } from '#domain/failure.ts'
import { ARCHIVE_KEEP_MS } from '#domain/operation/archive-keep.ts'
import { draftDiscardPlan } from '#domain/operation/draft-discard-plan.ts'
import { draftImportPlan } from '#domain/operation/draft-import-plan.ts'
import { draftPlan, type ManifestFacts } from '#domain/operation/draft-plan.ts'
import type { RedrivePlan } from '#domain/operation/redrive-plan.ts'
import type { SelectionChange } from '#domain/operation/selection-change.ts'
import { checkSchemas } from '#engine/check-schemas.ts'
import { findOvertakenKeys } from '#engine/find-overtaken-keys.ts'
import { createProgressTeller, type PlanDraft } from '#engine/plan-draft.ts'
import { findRetryTargets } from '#engine/find-retry-targets.ts'
import { readTargetHealth } from '#engine/read-target-health.ts'
import { resolveSelection } from '#engine/resolve-selection.ts'
import { tryEdit } from '#engine/try-edit.ts'
import { ENGINE_ACTOR, type EngineContext } from '#engine/engine-context.ts'

/** More than this is not one redrive any more. */
export const MAX_ITEMS = 1_000_000

/**
 * The dry run. The manifest is collected in one statement; then messages and brokers are looked at outside of any
 * transaction, as slowly as they answer; then what changed meanwhile is settled, and manifest and plan are frozen in one
 * transaction. After a crash in the middle the next holder begins anew. The operation goes on to `planned`, or to
 * `failed` with the reason.
 *
 * @throws Failure `broker-unavailable` and the like: then it is tried again
 */
export async function planOperation(context: EngineContext, row: OperationRow): Promise<void> {
  const { database } = context.client
  const fence = { operationId: row.id, token: row.fencingToken }
  const tell = createProgressTeller(database, fence)
  try {
    const broker = await context.brokers.get(row.clusterId)
    if (row.kind !== 'import') requireReading(broker)
    await tell({ step: COLLECTING[row.kind], doneCount: 0, totalCount: null })
    const selected = await resolveSelection(context, row, MAX_ITEMS)
    const itemCount = await collect(database, selected, fence)
    const draft: PlanDraft = { context, database, row: selected, fence, broker, itemCount, tell }
    const seen = await lookAround(draft)
    await tell({ step: 'freezing the plan', doneCount: itemCount, totalCount: itemCount })
    await freezePlan(draft, seen)
  } catch (error) {
    if (!(error instanceof Failure) || error.retryable) throw error
    await dropManifest(database, fence)
    if (error.code === 'conflict') return
    await advanceOperation({ database, actor: ENGINE_ACTOR }, { ...moveOf(row), to: 'failed', reason: error.message })
  }
}

const moveOf = (row: OperationRow) =>
  ({ operationId: row.id, from: 'planning', fencingToken: row.fencingToken }) as const

const FREEZE = { redrive: freezeManifest, discard: freezeDiscard, import: freezeImport } as const
const COLLECT_LETTERS = 'collecting the dead letters'
const COLLECTING = { redrive: COLLECT_LETTERS, discard: COLLECT_LETTERS, import: 'reading the file' } as const
const NO_LETTER = 'no open dead letter matches the selection'
const NOTHING = { redrive: NO_LETTER, discard: NO_LETTER, import: 'the messages of the file are gone; upload it again' }

async function collect(database: Database, row: OperationRow, fence: LedgerFence): Promise<number> {
  const itemCount = await database.transaction(async (transaction) => {
    await dropManifest(transaction, fence)
    const retries = row.targetKind === 'retry' ? await findRetryTargets(transaction, row) : []
    return FREEZE[row.kind](transaction, row, MAX_ITEMS, retries)
  })
  if (itemCount === 0) throw new Failure('not-found', NOTHING[row.kind])
  if (itemCount > MAX_ITEMS) throw new Failure('limit', `more than ${MAX_ITEMS} dead letters match the selection`)
  return itemCount
}

type Seen = Pick<ManifestFacts, 'edit' | 'overtaken' | 'health' | 'schemas'>

/** Everything that asks a broker or telemetry, or walks over the messages. */
async function lookAround(draft: PlanDraft): Promise<Seen> {
  const { row } = draft
  if (row.kind === 'discard') return { edit: null, overtaken: null, health: [], schemas: null }
  if (row.kind === 'import') {
    const schemas = await checkSchemas(draft)
    return { edit: null, schemas, overtaken: null, health: await readTargetHealth(draft) }
  }
  const edit = row.edit === null ? null : await tryEdit(draft, row.edit)
  const schemas = await checkSchemas(draft)
  return { edit, schemas, overtaken: await findOvertakenKeys(draft), health: await readTargetHealth(draft) }
}

async function freezePlan({ database, row, fence, broker, itemCount }: PlanDraft, seen: Seen): Promise<void> {
  await database.transaction(async (transaction) => {
    if (!(await lockPlanning(transaction, fence))) {
      throw new Failure('conflict', 'the operation is not being planned any more', { retryable: false })
    }
    const change = await settleSelectionChange(transaction, row)
    const plan = await draftFrom(transaction, row, broker, { ...seen, change })
    const manifestHash = await hashManifest(transaction, row.id)
    await recordPlan(transaction, row.id, { plan, manifestHash, itemCount })
    await advanceOperation(
      { database: transaction, actor: ENGINE_ACTOR },
      { ...moveOf(row), to: 'planned', reason: null },
    )
  })
}

async function draftFrom(
  transaction: Database,
  row: OperationRow,
  broker: Broker,
  seen: Seen & { readonly change: SelectionChange },
): Promise<RedrivePlan> {
  const { ratePerSecond, source } = row
  const plannedAtMs = Date.now()
  if (row.kind === 'discard') {
    const canRemove = broker.deadLetters?.remove !== undefined
    const terms = { plannedAtMs, ratePerSecond, source, canRemove, keepMs: ARCHIVE_KEEP_MS }
    return draftDiscardPlan(await readDiscardFacts(transaction, row.id, seen.change), terms)
  }
  const { confirmContract } = broker.send
  const facts = () => readManifestFacts(transaction, row, seen)
  const terms = { plannedAtMs, ratePerSecond, confirmContract }
  if (row.kind === 'import') {
    const file = await readImportFacts(transaction, row)
    const earlier = await listEarlierImports(transaction, file.sha256, row.id)
    return draftImportPlan(await facts(), { ...file, earlier }, terms)
  }
  return draftPlan(await facts(), terms)
}

/** Copies are made of the live message, byte for byte: a broker that cannot give it back cannot be redriven from. */
function requireReading(broker: Broker): void {
  if (broker.replaySource) return
  throw new Failure('unsupported', `${broker.kind} cannot read single messages, so nothing can be redriven`)
}
