import { sql, type SQL } from 'drizzle-orm'

/**
 * Of `sent (destination, origin, failed_group)`: as which group the one that failed reads where the copies go. At the
 * origin that is itself; elsewhere itself or its retry listener, as far as they were polled there; else null: whoever
 * reads the copies is somebody else. The pattern is the one of `isReaderOfGroup`.
 */
export const readingGroup = (clusterId: SQL): SQL => sql`
  case when sent.destination is not distinct from sent.origin then sent.failed_group else (
    select reader.group_name from group_lag reader
    where reader.cluster_id = ${clusterId} and reader.destination = sent.destination
      and starts_with(reader.group_name, sent.failed_group)
      and substr(reader.group_name, length(sent.failed_group) + 1) ~ '^([-._]retry([-._][0-9]+)?)?$'
    order by reader.group_name limit 1) end`
