import { sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { operationTransition } from '#db/schema/operation.ts'

/** An approval as it stands in the table, whoever has written it there. */
export interface StoredApproval {
  readonly operationId: string
  readonly planHash: string
  readonly byId: string
  readonly byName: string
  readonly reason: string
  readonly atMs: number
  readonly signature: string
  readonly sinceMs: number
  readonly agedMs: number
}

/** What the database says about the approval of an operation; nothing of it is judged yet. */
export interface ApprovalFacts {
  /** SHA-256 over everything that the operation would do; 64 hex digits. */
  readonly planHash: string
  /** null when the cluster is gone. */
  readonly environment: string | null
  /** Somebody other than the one who asked is there who may agree. */
  readonly hasApprover: boolean
  readonly nowMs: number
  /** Of any plan of the operation, oldest first. */
  readonly approvals: readonly StoredApproval[]
}

/** @throws Error when there is no such operation */
export async function readApprovalFacts(database: Database, operationId: string): Promise<ApprovalFacts> {
  const { rows } = await database.execute<{ [Key in keyof ApprovalFacts]: ApprovalFacts[Key] }>(sql`
    with hashed as (
      select id, cluster_id, created_by_id, encode(sha256(convert_to(jsonb_build_object(
        'id', id, 'kind', kind, 'cluster', cluster_id, 'source', source, 'target', target, 'targetKind', target_kind,
        'import', import_id, 'selection', selection, 'edit', edit, 'rate', rate_per_second, 'canary', canary_size,
        'manifest', manifest_hash, 'plan', plan, 'by', created_by_id
      )::text, 'UTF8')), 'hex') as plan_hash
      from operation where id = ${operationId}
    )
    select plan_hash as "planHash", cluster.environment,
      (extract(epoch from clock_timestamp()) * 1000)::float8 as "nowMs",
      exists (select 1 from person where disabled_at is null and role in ('approver', 'admin')
        and id::text <> created_by_id) as "hasApprover",
      coalesce((select json_agg(json_build_object('operationId', given.operation_id, 'planHash', given.plan_hash,
          'byId', given.by_id, 'byName', given.by_name, 'reason', given.reason,
          'atMs', round(extract(epoch from given.at) * 1000)::float8, 'signature', given.signature,
          'sinceMs', (extract(epoch from clock_timestamp() - given.at) * 1000)::float8, 'agedMs', given.aged_ms)
          order by given.id)
        from (select * from operation_approval where operation_id = hashed.id order by id limit 100) given), '[]')
        as approvals
    from hashed left join cluster on cluster.id = hashed.cluster_id`)
  const [found] = rows
  if (!found) throw new Error(`operation ${operationId} is gone`)
  return found
}

export type NewApproval = Omit<StoredApproval, 'sinceMs' | 'agedMs'>

/** Records the agreement; one that the same person gave to the same plan before begins anew. */
export async function insertApproval(database: Database, given: NewApproval): Promise<void> {
  const at = sql`to_timestamp(${given.atMs}::float8 / 1000)`
  await database.execute(sql`
    insert into operation_approval (operation_id, plan_hash, by_id, by_name, reason, at, signature)
    values (${given.operationId}, ${given.planHash}, ${given.byId}, ${given.byName}, ${given.reason}, ${at},
      ${given.signature})
    on conflict (operation_id, by_id, plan_hash) do update
    set by_name = excluded.by_name, reason = excluded.reason, at = excluded.at, signature = excluded.signature,
      aged_ms = 0`)
  await database.insert(operationTransition).values({
    operationId: given.operationId,
    fromState: 'planned',
    toState: 'approved',
    actorName: given.byName,
    reason: given.reason,
  })
}

/** Lets the approvals of plans that wait grow older by what a monotonic clock has measured. */
export async function ageApprovals(database: Database, byMs: number): Promise<void> {
  await database.execute(sql`
    update operation_approval given set aged_ms = aged_ms + ${Math.round(byMs)}::bigint
    from operation where operation.id = given.operation_id and operation.state in ('planned', 'queued')`)
}
