import { sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { operationApproval, operationTransition } from '#db/schema/operation.ts'
import type { OperationRow } from '#db/store/operation-store.ts'
import { describeApprovalNeed } from '#domain/operation/approval-need.ts'

export interface Approval {
  readonly byName: string
  readonly reason: string
  readonly atMs: number
}

/** What stands between a plan and its start. */
export interface ApprovalState {
  /** SHA-256 over everything that the operation would do; 64 hex digits. */
  readonly planHash: string
  /** Why a second person has to agree; null when one is enough. */
  readonly need: string | null
  /** Somebody other than the one who asked is there who may agree. Where nobody is, none is waited for. */
  readonly hasApprover: boolean
  /** Of this very plan, by somebody else than the one who asked; null = not yet. */
  readonly approval: Approval | null
}

/** Of a planned operation. */
export async function readApprovalState(database: Database, row: OperationRow): Promise<ApprovalState> {
  const { rows } = await database.execute<{
    planHash: string
    environment: string | null
    hasApprover: boolean
    approval: Approval | null
  }>(sql`
    with hashed as (
      select id, cluster_id, created_by_id, encode(sha256(convert_to(jsonb_build_object(
        'id', id, 'kind', kind, 'cluster', cluster_id, 'source', source, 'target', target, 'selection', selection,
        'edit', edit, 'rate', rate_per_second, 'canary', canary_size, 'manifest', manifest_hash, 'plan', plan
      )::text, 'UTF8')), 'hex') as plan_hash
      from operation where id = ${row.id}
    )
    select plan_hash as "planHash", cluster.environment,
      exists (select 1 from person where disabled_at is null and role in ('approver', 'admin')
        and id::text <> created_by_id) as "hasApprover",
      (select json_build_object('byName', given.by_name, 'reason', given.reason,
          'atMs', (extract(epoch from given.at) * 1000)::float8)
        from operation_approval given
        where given.operation_id = hashed.id and given.plan_hash = hashed.plan_hash and given.by_id <> created_by_id
        order by given.id limit 1) as approval
    from hashed left join cluster on cluster.id = hashed.cluster_id`)
  const [found] = rows
  if (!found) throw new Error(`operation ${row.id} is gone`)
  const { planHash, hasApprover, approval } = found
  const radius = { count: row.plan?.sendCount ?? 0, environment: found.environment ?? 'production' }
  return { planHash, need: describeApprovalNeed(radius), hasApprover, approval }
}

/** Records the agreement; the same person agreeing twice is one. */
export async function insertApproval(
  database: Database,
  given: {
    readonly operationId: string
    readonly planHash: string
    readonly byId: string
    readonly byName: string
    readonly reason: string
  },
): Promise<void> {
  const inserted = await database
    .insert(operationApproval)
    .values(given)
    .onConflictDoNothing()
    .returning({ id: operationApproval.id })
  if (inserted.length === 0) return
  await database.insert(operationTransition).values({
    operationId: given.operationId,
    fromState: 'planned',
    toState: 'approved',
    actorName: given.byName,
    reason: given.reason,
  })
}
