import type pg from 'pg'
import { toFailure } from '#domain/failure.ts'
import { pauseFor } from '#engine/pause-for.ts'
import type { Log } from '#log.ts'

const RECONNECT_MS = 1_000

/**
 * Calls `wake` on every NOTIFY of the channel, over one connection of the pool, and again after a broken connection
 * is back (something may have been missed; the payload is empty then). Resolves when the signal is aborted and the connection given back.
 */
export async function wakeOnNotify(
  pool: pg.Pool,
  channel: string,
  wake: (payload: string) => void,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await listenOnce(pool, channel, wake, signal)
    } catch (error) {
      log.warn({ channel, reason: toFailure(error).message }, 'not listening; polling goes on')
      await pauseFor(RECONNECT_MS, signal)
    }
  }
}

async function listenOnce(
  pool: pg.Pool,
  channel: string,
  wake: (payload: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const client = await pool.connect()
  let broken: Error | undefined
  const ended = new AbortController()
  client.on('error', (error) => {
    broken = error
    ended.abort()
  })
  client.on('notification', ({ payload }) => wake(payload ?? ''))
  try {
    await client.query(`listen ${client.escapeIdentifier(channel)}`)
    wake('')
    await pauseFor(2_147_483_647, AbortSignal.any([signal, ended.signal]))
  } finally {
    client.removeAllListeners('notification')
    client.release(broken ?? true)
  }
  if (broken) throw broken
}
