import { PgBoss } from 'pg-boss'
import { demoDatabaseUrl } from './demo-settings.ts'

/** pg-boss in the schema that the console looks into by default; workers are woken by NOTIFY, polling is the fallback. */
export function connectPgqueue(duties: { readonly supervise: boolean; readonly migrate: boolean }): PgBoss {
  return new PgBoss({
    connectionString: demoDatabaseUrl(),
    application_name: 'throughline-demo',
    schema: 'pgboss',
    max: 4,
    schedule: false,
    useListenNotify: !duties.migrate,
    createSchema: duties.migrate,
    ...duties,
  })
}
