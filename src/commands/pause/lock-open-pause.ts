import type { Database } from '#db/client.ts'
import { lockPause } from '#db/store/pause-store.ts'
import { Failure } from '#domain/failure.ts'

/**
 * The pause, its row locked, while it can still be changed.
 *
 * @throws Failure `not-found`, or `conflict` when it has ended or is being ended
 */
export async function lockOpenPause(database: Database, leaseId: string) {
  const pause = await lockPause(database, leaseId)
  if (pause === null) throw new Failure('not-found', `no pause ${leaseId}`)
  if (pause.endedAtMs !== null) throw new Failure('conflict', 'the pause has ended')
  if (pause.releaseAskedAtMs !== null) throw new Failure('conflict', 'the pause is being ended')
  return pause
}
