import { askConsole, type ConsolePlace, type Report } from '#consumer/ask-console.ts'
import { type KeptState, LeaseKeeper } from '#consumer/lease-keeper.ts'
import type { Pausable } from '#consumer/pausable.ts'

/** How long the console may hold a question; it answers earlier when there is something to say. */
const WAIT_MS = 20_000
/** While the last messages are finished the console hears of it more often. */
const FINISHING_WAIT_MS = 1_000
/** An answer that is later than the wait by this is none. */
const ANSWER_LIMIT_MS = 10_000
const MIN_RETRY_MS = 500
const MAX_RETRY_MS = 30_000
const GOODBYE_LIMIT_MS = 2_000

export type PauseEvent =
  /** The console cannot be reached: the consumer goes on as it is, and a pause ends at its own end. */
  | { readonly kind: 'console-lost'; readonly reason: string }
  | { readonly kind: 'console-found' }
  | { readonly kind: 'paused'; readonly by: string; readonly reason: string; readonly remainingMs: number }
  | { readonly kind: 'resumed'; readonly because: 'console' | 'expired' }
  /** Nothing listens, because nothing says where the console is. */
  | { readonly kind: 'not-configured'; readonly reason: string }

export interface PauseListenerOptions {
  /** As the console shows it. */
  readonly group: string
  /** The cluster's id in the console; else `THROUGHLINE_CLUSTER`. */
  readonly cluster?: string
  /** Of the collector's control port; else `THROUGHLINE_CONTROL_URL`. */
  readonly url?: string
  /** Else `THROUGHLINE_CONSUMER_TOKEN`. */
  readonly token?: string
  /** What people see this consumer as; else the host and the process id. */
  readonly name?: string
  /** Hears what happens; without it what is worth a warning goes to the process' warnings. */
  readonly onEvent?: (event: PauseEvent) => void
  /** The whole of the wait between two tries, for tests. */
  readonly maxRetryMs?: number
}

export interface PauseListener {
  state(): KeptState
  /** Says goodbye and lets the consumer run. */
  stop(): Promise<void>
}

/**
 * Lets the console pause this consumer. It never throws and never stands in the way: without a console, or with one that
 * is lost, the consumer runs; a pause that is in force ends at its own end by a clock that does not jump.
 */
export function listenForPause(pausable: Pausable, options: PauseListenerOptions): PauseListener {
  const say = speakTo(options.onEvent ?? warn)
  const settings = readSettings(options)
  const stopping = new AbortController()
  let asking = new AbortController()
  const keeper = new LeaseKeeper(pausable, {
    onExpired: () => say({ kind: 'resumed', because: 'expired' }),
    onChanged: () => asking.abort(),
  })
  if (typeof settings === 'string') {
    say({ kind: 'not-configured', reason: settings })
    return { state: () => keeper.state(), stop: () => keeper.release() }
  }
  const next = () => {
    asking = new AbortController()
    return AbortSignal.any([stopping.signal, asking.signal])
  }
  const work = follow(
    { ...settings, keeper, say, maxRetryMs: options.maxRetryMs ?? MAX_RETRY_MS },
    stopping.signal,
    next,
  )
  return {
    state: () => keeper.state(),
    stop: async () => {
      stopping.abort()
      await work
      await keeper.release()
      await sayGoodbye(settings)
    },
  }
}

interface Settings {
  readonly place: ConsolePlace
  readonly self: Pick<Report, 'cluster' | 'group' | 'member' | 'name'>
}

interface Listening extends Settings {
  readonly keeper: LeaseKeeper
  readonly say: (event: PauseEvent) => void
  readonly maxRetryMs: number
}

async function follow(listening: Listening, stopping: AbortSignal, nextSignal: () => AbortSignal): Promise<void> {
  const { keeper, say, maxRetryMs } = listening
  let seen: string | null = null
  let failureCount = 0
  while (!stopping.aborted) {
    const signal = nextSignal()
    try {
      const before = keeper.state().leaseId
      const answer = await ask(listening, seen, signal)
      if (failureCount > 0) say({ kind: 'console-found' })
      failureCount = 0
      seen = answer.revision
      await keeper.heed(answer.lease)
      const after = keeper.state().leaseId
      if (answer.lease !== null && after !== null && before !== after) say({ kind: 'paused', ...answer.lease })
      if (before !== null && after === null) say({ kind: 'resumed', because: 'console' })
      await sleep(answer.askAgainMs * jitter(), signal)
    } catch (error) {
      // Something here changed that the console should hear of, or the listener stops: nothing is wrong with the console.
      if (signal.aborted) continue
      failureCount += 1
      if (failureCount === 1) say({ kind: 'console-lost', reason: describe(error) })
      await sleep(Math.min(maxRetryMs, MIN_RETRY_MS * 2 ** Math.min(failureCount, 10)) * jitter(), signal)
    }
  }
}

function ask({ place, self, keeper }: Listening, seen: string | null, signal: AbortSignal) {
  const { state, leaseId: lease, inFlight, problem } = keeper.state()
  const waitMs = state === 'pausing' || problem !== null ? FINISHING_WAIT_MS : WAIT_MS
  const report = { ...self, state, lease, inFlight, problem, seen, waitMs }
  return askConsole(place, report, AbortSignal.any([signal, AbortSignal.timeout(waitMs + ANSWER_LIMIT_MS)]))
}

/** A console that does not hear it forgets the consumer by itself. */
async function sayGoodbye({ place, self }: Settings): Promise<void> {
  const report = {
    ...self,
    state: 'leaving',
    lease: null,
    inFlight: null,
    problem: null,
    seen: null,
    waitMs: 0,
  } as const
  await askConsole(place, report, AbortSignal.timeout(GOODBYE_LIMIT_MS)).catch(() => undefined)
}

/** @returns what is missing, in words, where something is */
function readSettings(options: PauseListenerOptions): Settings | string {
  const url = options.url ?? process.env['THROUGHLINE_CONTROL_URL'] ?? ''
  const token = options.token ?? process.env['THROUGHLINE_CONSUMER_TOKEN'] ?? ''
  const cluster = options.cluster ?? process.env['THROUGHLINE_CLUSTER'] ?? ''
  if (url === '' || token === '' || cluster === '') {
    return 'THROUGHLINE_CONTROL_URL, THROUGHLINE_CONSUMER_TOKEN and THROUGHLINE_CLUSTER are needed'
  }
  if (!URL.canParse(url) || !/^https?:/.test(url)) return 'THROUGHLINE_CONTROL_URL is not the URL of a collector'
  const name = options.name ?? `${process.env['HOSTNAME'] ?? 'process'}/${process.pid}`
  return { place: { url, token }, self: { cluster, group: options.group, member: crypto.randomUUID(), name } }
}

/** A listener of the consumer's own that fails must not end the consumer. */
const speakTo =
  (onEvent: (event: PauseEvent) => void) =>
  (event: PauseEvent): void => {
    try {
      onEvent(event)
    } catch (error) {
      process.emitWarning(`onEvent failed: ${describe(error)}`, 'ThroughlineConsumer')
    }
  }

function warn(event: PauseEvent): void {
  if (event.kind === 'console-lost' || event.kind === 'not-configured') {
    process.emitWarning(`${event.reason}; the consumer goes on without the console`, 'ThroughlineConsumer')
  }
}

/** Half to all of it, so that consumers that lost the console together do not come back together. */
const jitter = (): number => 0.5 + Math.random() / 2

const describe = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted || ms <= 0) return resolve()
    const finish = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', finish)
      resolve()
    }
    const timer = setTimeout(finish, ms)
    signal.addEventListener('abort', finish, { once: true })
  })
}
