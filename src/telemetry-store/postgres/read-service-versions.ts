import type pg from 'pg'

const MAX_VERSIONS = 50

/** Versions that stand on the resources of a service's spans of the last week. */
export async function readServiceVersions(pool: pg.Pool, service: string): Promise<readonly string[]> {
  const found = await pool.query<{ service_version: string }>({
    name: 'telemetry-service-versions',
    text: `select distinct service_version from span_origin
           where service = $1 and service_version is not null and ingest_day >= current_date - 7
           order by service_version limit ${MAX_VERSIONS}`,
    values: [service],
  })
  return found.rows.map(({ service_version: version }) => version)
}
