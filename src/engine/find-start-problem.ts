import { readApprovalState } from '#commands/operation/read-approval-state.ts'
import { hashManifest } from '#db/store/operation-plan-store.ts'
import type { OperationRow } from '#db/store/operation-store.ts'
import type { EngineContext } from '#engine/engine-context.ts'

/**
 * Why an operation that was asked to start may not: a last look at what a second person agreed to, by signature, so that
 * a plan, a manifest or an approval that was changed in the database since is not carried out. null = it may.
 */
export async function findStartProblem(
  { client, approvalSeal }: Pick<EngineContext, 'client' | 'approvalSeal'>,
  row: OperationRow,
): Promise<string | null> {
  const { need, approval, hasApprover, problem } = await readApprovalState(client.database, row, approvalSeal)
  if (need === null) return null
  if (approval === null && hasApprover) return problem ?? `${need}, and nobody has approved it`
  const manifestHash = await hashManifest(client.database, row.id)
  return manifestHash === row.manifestHash ? null : 'its manifest is not the one that was planned'
}
