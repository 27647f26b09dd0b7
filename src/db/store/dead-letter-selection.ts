import { sql, type SQL } from 'drizzle-orm'
import type { OperationRow } from '#db/store/operation-store.ts'

/** Of `dead_letter dl`: the open ones of the operation's source that its selection means. */
export function matchesSelection({ clusterId, source, selection }: OperationRow): SQL {
  const { fingerprint, ids } = selection
  return sql`dl.cluster_id = ${clusterId} and dl.destination = ${source} and dl.state = 'open'
    and (${fingerprint}::text is null or dl.fingerprint = ${fingerprint})
    and (${ids === null}::boolean or dl.id = any(${sql.param(ids ?? [])}::bigint[]))`
}
