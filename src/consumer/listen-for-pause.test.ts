import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { LeaseKeeper } from '#consumer/lease-keeper.ts'
import { listenForPause, type PauseEvent } from '#consumer/listen-for-pause.ts'

const eventually = { timeout: 20_000, interval: 20 }
const ended: (() => Promise<void>)[] = []
afterEach(async () => {
  vi.useRealTimers()
  await Promise.all(ended.splice(0).map((end) => end()))
})

/** A console that answers what a test makes up. */
async function openConsole(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  ended.push(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function listen(url: string) {
  const done: string[] = []
  const events: PauseEvent[] = []
  const listener = listenForPause(
    { pause: () => void done.push('pause'), resume: () => void done.push('resume') },
    { group: 'g', cluster: 'k', token: 't', url, maxRetryMs: 20, onEvent: (event) => events.push(event) },
  )
  ended.push(() => listener.stop())
  return { listener, done, events }
}

const say = (response: ServerResponse, body: unknown, status = 200) => {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(typeof body === 'string' ? body : JSON.stringify(body))
}

const ORDERS: readonly (readonly [name: string, body: unknown, status?: number])[] = [
  ['no JSON', 'pause!'],
  ['an unknown order', { order: 'stop', revision: 'x', lease: null }],
  ['a pause without a lease', { order: 'pause', revision: 'x', lease: null }],
  ['a pause without an end', { order: 'pause', revision: 'x', lease: { id: 'a', reason: '', by: '' } }],
  ['a pause that ended', { order: 'pause', revision: 'x', lease: { id: 'a', remainingMs: -5, reason: '', by: '' } }],
  ['a pause with another status', { order: 'pause', revision: 'x', lease: { id: 'a', remainingMs: 1e6 } }, 500],
  ['an answer of a megabyte', `"${'x'.repeat(1_000_000)}"`],
]
test.for(ORDERS)('%s is no order: the consumer runs, and the console counts as lost', async ([, body, status]) => {
  let count = 0
  const url = await openConsole((_request, response) => {
    count += 1
    say(response, body, status)
  })
  const { listener, done, events } = listen(url)
  await vi.waitFor(() => expect(count).toBeGreaterThan(3), eventually)
  expect([done, listener.state().state]).toEqual([[], 'running'])
  expect(events.map(({ kind }) => kind)).toEqual(['console-lost'])
})

test('a listener of its own that fails ends neither the consumer nor the asking', async () => {
  let count = 0
  const url = await openConsole((_, response) => {
    count += 1
    say(response, 'pause!')
  })
  const warned: string[] = []
  const note = (warning: Error) => warned.push(warning.message)
  process.on('warning', note)
  const listener = listenForPause(
    { pause: () => undefined, resume: () => undefined },
    {
      group: 'g',
      cluster: 'k',
      token: 't',
      url,
      maxRetryMs: 20,
      onEvent: () => {
        throw new Error('a bug of theirs')
      },
    },
  )
  ended.push(() => listener.stop())
  await vi.waitFor(() => expect(count).toBeGreaterThan(3), eventually)
  process.off('warning', note)
  expect(warned).toEqual(['onEvent failed: a bug of theirs'])
})

test('the token does not follow a redirect', async () => {
  const followed: (string | undefined)[] = []
  const other = await openConsole((request, response) => {
    followed.push(request.headers.authorization)
    say(response, {})
  })
  const url = await openConsole(
    (_, response) => void response.writeHead(307, { location: `${other}/v1/consumer` }).end(),
  )
  const { events } = listen(url)
  await vi.waitFor(() => expect(events).toMatchObject([{ kind: 'console-lost' }]), eventually)
  expect(followed).toEqual([])
})

test('a console that comes back is told, and nobody who is not asked is paused', async () => {
  let isAway = true
  const url = await openConsole((_, response) =>
    isAway ? void response.destroy() : say(response, { order: 'run', revision: 'run', lease: null, askAgainMs: 50 }),
  )
  const { done, events } = listen(url)
  await vi.waitFor(() => expect(events.map(({ kind }) => kind)).toEqual(['console-lost']), eventually)
  isAway = false
  await vi.waitFor(() => expect(events.map(({ kind }) => kind)).toEqual(['console-lost', 'console-found']), eventually)
  expect(done).toEqual([])
})

test('without a place to listen to it says so and does nothing', async () => {
  vi.stubEnv('THROUGHLINE_CONTROL_URL', '')
  const { events, listener } = listen('')
  expect(events).toMatchObject([{ kind: 'not-configured' }])
  expect(listener.state().state).toBe('running')
})

beforeEach(() => {
  vi.unstubAllEnvs()
})

test('a pause ends at its end by the clock that does not jump, however the wall clock is set', async () => {
  vi.useFakeTimers()
  const done: string[] = []
  const onExpired = vi.fn<() => void>()
  const keeper = new LeaseKeeper(
    { pause: () => void done.push('pause'), resume: () => void done.push('resume') },
    { onExpired, onChanged: () => undefined },
  )
  await keeper.heed({ id: 'a', remainingMs: 60_000, reason: '', by: '' })
  vi.setSystemTime(Date.now() + 86_400_000)
  await vi.advanceTimersByTimeAsync(59_000)
  expect([done, keeper.state().leaseId]).toEqual([['pause'], 'a'])
  await vi.advanceTimersByTimeAsync(2_000)
  expect([done, keeper.state().leaseId]).toEqual([['pause', 'resume'], null])
  expect(onExpired).toHaveBeenCalledOnce()
})

test('an extension moves the end, and pauses nothing twice', async () => {
  vi.useFakeTimers()
  const done: string[] = []
  const keeper = new LeaseKeeper(
    { pause: () => void done.push('pause'), resume: () => void done.push('resume') },
    { onExpired: () => undefined, onChanged: () => undefined },
  )
  await keeper.heed({ id: 'a', remainingMs: 10_000, reason: '', by: '' })
  await keeper.heed({ id: 'a', remainingMs: 100_000, reason: '', by: '' })
  await vi.advanceTimersByTimeAsync(50_000)
  expect(done).toEqual(['pause'])
  await vi.advanceTimersByTimeAsync(60_000)
  expect(done).toEqual(['pause', 'resume'])
})

test('a consumer that cannot be resumed is tried until it can', async () => {
  vi.useFakeTimers()
  let failures = 3
  let isRunning = true
  const resume = () => {
    if (failures-- > 0) throw new Error('no connection')
    isRunning = true
  }
  const keeper = new LeaseKeeper(
    { pause: () => void (isRunning = false), resume },
    { onExpired: () => undefined, onChanged: () => undefined },
  )
  await keeper.heed({ id: 'a', remainingMs: 10_000, reason: '', by: '' })
  await keeper.heed(null)
  expect(keeper.state()).toMatchObject({ state: 'paused', leaseId: 'a', problem: 'no connection' })
  await vi.advanceTimersByTimeAsync(10_000)
  expect([isRunning, keeper.state()]).toEqual([
    true,
    { state: 'running', leaseId: null, inFlight: null, problem: null },
  ])
})
