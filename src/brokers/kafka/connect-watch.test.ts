import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { createConnectWatch } from '#brokers/kafka/connect-watch.ts'
import { failureOf } from '#brokers/contract-harness.ts'

const servers: Server[] = []
const signalOf = () => AbortSignal.timeout(30_000)

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const sink = (config: Record<string, string | null>, type = 'sink', state = 'RUNNING') => ({
  info: { name: 'ignored', type, tasks: [], config },
  status: { name: 'ignored', connector: { state, worker_id: 'w' }, tasks: [], type },
})
const answering = (connectors: unknown) => serve((_, response) => response.end(JSON.stringify(connectors)))

test('a sink names its dead-letter topic with its group, its topics and its state; others do not count', async () => {
  const url = await answering({
    orders: sink({ 'errors.deadletterqueue.topic.name': 'ossuary', topics: 'orders', 'errors.tolerance': 'all' }),
    renamed: sink(
      {
        'errors.deadletterqueue.topic.name': 'crypt',
        topics: 'a, b',
        'consumer.override.group.id': 'own-group',
        'errors.tolerance': 'none',
      },
      'sink',
      'FAILED',
    ),
    pattern: sink({
      'errors.deadletterqueue.topic.name': 'urn',
      'topics.regex': 'eu-.*',
      topics: null,
      'errors.tolerance': 'all',
    }),
    source: sink({ 'errors.deadletterqueue.topic.name': 'nowhere' }, 'source'),
    none: sink({ topics: 'orders', 'errors.deadletterqueue.topic.name': '' }),
  })
  const { deadLetters, unreadable } = await createConnectWatch([url], undefined).read(signalOf())
  expect(unreadable).toEqual([])
  const setting = 'errors.deadletterqueue.topic.name'
  expect(deadLetters).toEqual([
    {
      topic: 'ossuary',
      connector: 'orders',
      group: 'connect-orders',
      origins: ['orders'],
      evidence: `connector orders (RUNNING) at ${url} names it in ${setting}, reading orders as connect-orders`,
    },
    {
      topic: 'crypt',
      connector: 'renamed',
      group: 'own-group',
      origins: ['a', 'b'],
      evidence: `connector renamed (FAILED) at ${url} names it in ${setting}, reading a, b as own-group; its errors.tolerance is not "all", so it fails instead of sending there`,
    },
    {
      topic: 'urn',
      connector: 'pattern',
      group: 'connect-pattern',
      origins: [],
      evidence: `connector pattern (RUNNING) at ${url} names it in ${setting}, reading topics that match eu-.* as connect-pattern`,
    },
  ])
})

test('a placeholder that only the worker can resolve is unknown, and is not shown', async () => {
  const url = await answering({ vaulted: sink({ 'errors.deadletterqueue.topic.name': '${file:/etc/names:dlq}' }) })
  const { deadLetters, unreadable } = await createConnectWatch([url], undefined).read(signalOf())
  expect(deadLetters).toEqual([])
  expect(unreadable).toEqual([
    {
      subject: 'dead-letter topic of connector vaulted',
      reason: expect.stringMatching(/^unknown, because .*placeholder/),
    },
  ])
  expect(JSON.stringify(unreadable)).not.toContain('/etc/names')
})

test('two workers of one Connect cluster name a place once', async () => {
  const connectors = { orders: sink({ 'errors.deadletterqueue.topic.name': 'ossuary', topics: 'orders' }) }
  const urls = [await answering(connectors), await answering(connectors)]
  const { deadLetters } = await createConnectWatch(urls, undefined).read(signalOf())
  expect(deadLetters.map((one) => one.topic)).toEqual(['ossuary'])
})

const BROKEN: [string, RequestListener, RegExp][] = [
  ['that wants a sign-in', (_, response) => response.writeHead(401).end(), /wants a sign-in .*HTTP 401/],
  ['in trouble', (_, response) => response.writeHead(503).end('secret stack'), /answers HTTP 503/],
  ['that answers something else', (_, response) => response.end('<html>secret</html>'), /not the list of connectors/],
  ['that answers another shape', (_, response) => response.end('["orders"]'), /not the list of connectors/],
  ['that drops the connection', (_, response) => response.destroy(), /cannot be reached \(/],
  ['whose answer never ends', flood, /more than 16 MiB/],
]

test.each(BROKEN)('a Connect %s is unknown with the reason, and hides nobody else', async (_, listener, reason) => {
  const broken = await serve(listener)
  const good = await answering({ orders: sink({ 'errors.deadletterqueue.topic.name': 'ossuary', topics: 'orders' }) })
  const { deadLetters, unreadable } = await createConnectWatch([broken, good], undefined).read(signalOf())
  expect(deadLetters.map((one) => one.topic)).toEqual(['ossuary'])
  expect(unreadable).toEqual([
    { subject: `dead-letter topics of Kafka Connect ${broken}`, reason: expect.stringMatching(reason) },
  ])
  expect(unreadable[0]!.reason).toMatch(/^unknown, because /)
  expect(unreadable[0]!.reason).not.toContain('secret')
})

test.each<[string, RequestListener]>([
  ['never answers', () => undefined],
  ['begins to answer and stops', (_, response) => void response.write('{')],
])('a Connect that %s is given up after its limit', async (_, listener) => {
  const url = await serve(listener)
  const { unreadable } = await createConnectWatch([url], undefined, 200).read(signalOf())
  expect(unreadable[0]!.reason).toBe('unknown, because it does not answer within 0.2 s')
})

test('nobody is there', async () => {
  const url = await answering({})
  servers.splice(0)[0]!.close()
  const { unreadable } = await createConnectWatch([url], undefined).read(signalOf())
  expect(unreadable[0]!.reason).toContain('ECONNREFUSED')
})

test('a redirect is not followed, so that the sign-in goes nowhere else', async () => {
  const seen: IncomingMessage[] = []
  const elsewhere = await serve((request, response) => {
    seen.push(request)
    response.end('{}')
  })
  const url = await serve((_, response) => response.writeHead(302, { location: elsewhere }).end())
  const { unreadable } = await createConnectWatch([url], 'me:secret').read(signalOf())
  expect(unreadable[0]!.reason).toMatch(/redirect \(HTTP 302\)/)
  expect(unreadable[0]!.reason).not.toContain('secret')
  expect(seen).toEqual([])
})

test('a Connect that fails is answered for by what it said last, until it speaks again', async () => {
  let isUp = true
  let topic = 'ossuary'
  const url = await serve((_, response) => {
    if (!isUp) return response.writeHead(500).end()
    return response.end(
      JSON.stringify({ orders: sink({ 'errors.deadletterqueue.topic.name': topic, topics: 'orders' }) }),
    )
  })
  const watch = createConnectWatch([url], undefined)
  await watch.read(signalOf())
  isUp = false
  topic = 'crypt'
  const down = await watch.read(signalOf())
  expect(down.deadLetters.map((one) => one.topic)).toEqual(['ossuary'])
  expect(down.unreadable[0]!.reason).toMatch(/HTTP 500; what it said at .*Z is used$/)
  isUp = true
  const again = await watch.read(signalOf())
  expect([again.deadLetters.map((one) => one.topic), again.unreadable]).toEqual([['crypt'], []])
})

test('a caller that gives up gets a failure, not an empty answer', async () => {
  const url = await serve(() => undefined)
  const failure = await failureOf(createConnectWatch([url], undefined).read(AbortSignal.timeout(100)))
  expect(failure).toMatchObject({ code: 'internal', retryable: true })
})

function flood(_: IncomingMessage, response: Parameters<RequestListener>[1]): void {
  const chunk = Buffer.alloc(1024 * 1024, ' ')
  const more = (): void => {
    while (!response.destroyed && response.write(chunk));
    if (!response.destroyed) response.once('drain', more)
  }
  more()
}
