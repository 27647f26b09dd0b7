import type pg from 'pg'
import type { SeenReceiver } from '#domain/flow/destination-reader.ts'

const MAX_RECEIVERS = 2_000
const MAX_HOSTS = 2_000
const MAX_ROLLUPS = 200_000

/** Who took messages of these destinations (null = of any) since then, by the ten-second sums; at most 2,000 rows. */
export async function readReceivers(
  pool: pg.Pool,
  destinations: readonly string[] | null,
  fromUs: number,
): Promise<readonly SeenReceiver[]> {
  const found = await pool.query<{ destination: string; service: string; consumer_group: string | null }>({
    name: 'telemetry-receivers',
    text: `select distinct destination, service, consumer_group from (
             select destination, service, consumer_group from rollup
             where bucket_s >= $1 and ($2::text[] is null or destination = any($2)) and received_count > 0
             limit ${MAX_ROLLUPS}
           ) recent limit ${MAX_RECEIVERS}`,
    values: [Math.floor(fromUs / 1_000_000), destinations],
  })
  return found.rows.map((row) => ({
    destination: row.destination,
    service: row.service,
    consumerGroup: row.consumer_group,
  }))
}

/** Names and addresses of the hosts that services said they run on, from the resources of the last two days. */
export async function readServiceHosts(
  pool: pg.Pool,
  services: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  if (services.length === 0) return new Map()
  const found = await pool.query<{ service: string; name: string | null; ip: unknown; pod_ip: string | null }>({
    name: 'telemetry-service-hosts',
    text: `select distinct service, resource ->> 'host.name' as name, (resource -> 'host.ip')::jsonb as ip, resource ->> 'k8s.pod.ip' as pod_ip
           from span_origin where service = any($1) and ingest_day >= current_date - 1 limit ${MAX_HOSTS}`,
    values: [services],
  })
  const hosts = new Map<string, string[]>()
  for (const { service, name, ip, pod_ip: podIp } of found.rows) {
    const known = hosts.get(service) ?? []
    hosts.set(service, known)
    const addresses = Array.isArray(ip) ? ip : [ip]
    for (const host of [name, podIp, ...addresses])
      if (typeof host === 'string' && host !== '' && !known.includes(host)) known.push(host)
  }
  return hosts
}
