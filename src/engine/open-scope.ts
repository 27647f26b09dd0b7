import type { Broker } from '#brokers/broker.ts'
import { listHeldKeys, readPacedForMs, type LedgerFence } from '#db/store/operation-ledger-store.ts'
import type { OperationRow } from '#db/store/operation-store.ts'
import { Failure } from '#domain/failure.ts'
import type { EngineContext } from '#engine/engine-context.ts'
import { createPacer } from '#engine/pacer.ts'
import type { SendScope } from '#engine/send-scope.ts'

/** One holder's hold on one operation. */
export interface Hold {
  readonly context: EngineContext
  readonly fence: LedgerFence
  /** The lease is lost: nothing may be done any more. */
  readonly lost: AbortSignal
  /** The collector stops: see through what was begun, leave the rest to the next holder. */
  readonly stopping: AbortSignal
}

export interface OpenScope {
  readonly scope: SendScope
  /** Why the operation has to pause; null when nothing says so. */
  readonly readTrip: () => string | null
  /** Nothing runs on its behalf any more. */
  readonly close: () => void
}

/** A stop is promised within two seconds: so long after it whoever has not answered is not waited for any more. */
const HURRY_AFTER_MS = 1_000

export async function openScope(hold: Hold, row: OperationRow, broker: Broker): Promise<OpenScope> {
  const { database } = hold.context.client
  const [stop, hurry] = [new AbortController(), new AbortController()]
  let timer: NodeJS.Timeout | undefined
  let tripped: string | null = null
  const stopSoon = (): void => {
    stop.abort()
    timer ??= setTimeout(() => hurry.abort(givenUp()), HURRY_AFTER_MS)
  }
  const scope: SendScope = {
    context: hold.context,
    operation: row,
    fence: hold.fence,
    broker: row.kind === 'import' ? withoutPlace(broker) : broker,
    pacer: createPacer(row.yieldedRate ?? row.ratePerSecond, await readPacedForMs(database, row.id)),
    lost: hold.lost,
    stop: AbortSignal.any([stop.signal, hold.stopping, hold.lost]),
    hurry: hurry.signal,
    halt: stopSoon,
    trip: (reason) => {
      tripped ??= reason
      stopSoon()
    },
    heldKeys: new Set(await listHeldKeys(database, row.id)),
    latestAnswers: [],
    tries: [],
  }
  return { scope, readTrip: () => tripped, close: () => clearTimeout(timer) }
}

const givenUp = (): Failure =>
  new Failure('outcome-unknown', 'the operation was asked to stop before there was an answer')

/**
 * An import takes from a file: at the broker there is no place that anything would have to be removed from. What it has
 * sent can be read there all the same.
 */
const withoutPlace = (broker: Broker): Broker => ({
  clusterId: broker.clusterId,
  kind: broker.kind,
  identify: (signal) => broker.identify(signal),
  inventory: broker.inventory,
  lag: broker.lag,
  send: broker.send,
  ...(broker.replaySource && { replaySource: broker.replaySource }),
  ...(broker.offsets && { offsets: broker.offsets }),
  close: () => broker.close(),
})
