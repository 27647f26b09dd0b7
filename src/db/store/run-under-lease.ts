import { performance } from 'node:perf_hooks'
import type { Database } from '#db/client.ts'
import { acquireLease, LEASE_TTL_MS, releaseLease, renewLease, type Lease } from '#db/store/lease-store.ts'
import { Failure } from '#domain/failure.ts'

export type LeasedRun<Result> = { readonly held: false } | { readonly held: true; readonly result: Result }

export interface LeaseRequest {
  readonly name: string
  readonly holder: string
  readonly ttlMs?: number
  /** The caller's own wish to stop; aborts the run too. */
  readonly signal?: AbortSignal
}

/**
 * Runs `run` while the lease holds: renews it at a third of its life, aborts `signal` when it is lost or could not be
 * renewed in time, and gives it back afterwards. A slow renewal counts from when it was asked for, on a clock that does
 * not jump, so this side always gives up before the database does.
 *
 * @returns `held: false` when somebody else holds the lease; `run` was not called then.
 */
export async function runUnderLease<Result>(
  database: Database,
  request: LeaseRequest,
  run: (lease: Lease, signal: AbortSignal) => Promise<Result>,
): Promise<LeasedRun<Result>> {
  const ttlMs = request.ttlMs ?? LEASE_TTL_MS
  const askedAt = performance.now()
  const lease = await acquireLease(database, request.name, request.holder, ttlMs)
  if (lease === null) return { held: false }
  const lost = new AbortController()
  const stopRenewing = keepRenewed(database, lease, ttlMs, askedAt, lost)
  const signal = request.signal === undefined ? lost.signal : AbortSignal.any([lost.signal, request.signal])
  try {
    return { held: true, result: await run(lease, signal) }
  } finally {
    await stopRenewing()
    await giveBack(database, lease)
  }
}

/** A lease that cannot be given back (the database is away) expires by itself; the run's own result matters more. */
async function giveBack(database: Database, lease: Lease): Promise<void> {
  await releaseLease(database, lease).catch(() => undefined)
}

function keepRenewed(
  database: Database,
  lease: Lease,
  ttlMs: number,
  acquiredAskedAt: number,
  lost: AbortController,
): () => Promise<void> {
  let isStopped = false
  let heldUntil = acquiredAskedAt + ttlMs
  let current: Promise<void> = Promise.resolve()
  const lose = (why: string) =>
    lost.abort(new Failure('conflict', `the lease ${lease.name} ${why}`, { retryable: true }))
  let deadline = setTimeout(() => lose('was not renewed in time'), ttlMs)

  const renew = async (): Promise<void> => {
    const askedAt = performance.now()
    try {
      if (!(await renewLease(database, lease, ttlMs))) return lose('has gone to another holder')
      heldUntil = askedAt + ttlMs
      clearTimeout(deadline)
      deadline = setTimeout(() => lose('was not renewed in time'), Math.max(0, heldUntil - performance.now()))
    } catch {
      // The database may be back before the lease is over: the deadline decides, not one failed renewal.
    }
  }
  const timer = setInterval(() => {
    if (isStopped || lost.signal.aborted) return
    current = current.then(renew)
  }, ttlMs / 3)
  return async () => {
    isStopped = true
    clearInterval(timer)
    await current
    clearTimeout(deadline)
  }
}
