import { sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'

/** Proof that this holder may act on `name` until somebody with a higher token may. */
export interface Lease {
  readonly name: string
  readonly holder: string
  /** Grows with every change of hands and is never reset, so a write under an old token can be refused. */
  readonly token: number
}

export const LEASE_TTL_MS = 10_000

/**
 * Takes the lease when nobody holds it. All times are the database's, so clocks of collectors do not matter.
 *
 * @returns null while somebody (this holder included) holds it.
 */
export async function acquireLease(
  database: Database,
  name: string,
  holder: string,
  ttlMs: number = LEASE_TTL_MS,
): Promise<Lease | null> {
  const { rows } = await database.execute<{ token: string }>(sql`
    insert into lease as held (name, holder, fencing_token, expires_at)
    values (${name}, ${holder}, 1, clock_timestamp() + ${ttlMs} * interval '1 millisecond')
    on conflict (name) do update
      set holder = excluded.holder, fencing_token = held.fencing_token + 1, expires_at = excluded.expires_at
      where held.expires_at <= clock_timestamp()
    returning fencing_token as token`)
  const row = rows[0]
  return row === undefined ? null : { name, holder, token: Number(row.token) }
}

/** Extends a lease that still holds. @returns false when it has expired or changed hands: the holder must stop acting. */
export async function renewLease(database: Database, lease: Lease, ttlMs: number = LEASE_TTL_MS): Promise<boolean> {
  const { rowCount } = await database.execute(sql`
    update lease set expires_at = clock_timestamp() + ${ttlMs} * interval '1 millisecond'
    where name = ${lease.name} and fencing_token = ${lease.token} and expires_at > clock_timestamp()`)
  return rowCount === 1
}

/** Gives the lease back at once. The row stays, because its token must never fall. */
export async function releaseLease(database: Database, lease: Lease): Promise<void> {
  await database.execute(sql`
    update lease set expires_at = clock_timestamp() where name = ${lease.name} and fencing_token = ${lease.token}`)
}

/**
 * Inside a transaction: whether the lease still holds, and keeps it from changing hands until the transaction ends.
 * This is what makes a write fenced.
 */
export async function lockHeldLease(transaction: Database, lease: Lease): Promise<boolean> {
  const { rowCount } = await transaction.execute(sql`
    select 1 from lease
    where name = ${lease.name} and fencing_token = ${lease.token} and expires_at > clock_timestamp() for share`)
  return rowCount === 1
}
