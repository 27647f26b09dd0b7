import { beforeAll, expect, test } from 'vitest'
import { useTestDatabase } from '#db/test-database.ts'
import { cluster, destination } from '#db/schema/cluster.ts'
import { Failure } from '#domain/failure.ts'
import { assembleFlow } from '#domain/flow/assemble-flow.ts'
import { runParts } from '#domain/run-parts.ts'
import { consume, facts, send } from '#domain/flow/flow-story.ts'
import { openMaskRule } from '#domain/masking/mask-text.ts'
import { type ShelvedFlow, shelve } from '#server/flow-shelf.ts'
import { readLiveMessage } from '#server/read-live-message.ts'
import type { Runtime } from '#server/runtime.ts'
import { knownNothing } from '#server/test-telemetry.ts'
import { openTestWeb } from '#server/test-web.ts'

const database = useTestDatabase()
const asked: unknown[] = []
let runtime: Runtime

beforeAll(async () => {
  const { database: db } = database()
  await db.insert(cluster).values([
    { id: 'k1', kind: 'kafka', name: 'One', configuration: {} },
    { id: 'k2', kind: 'kafka', name: 'Two', configuration: {} },
    { id: 'p1', kind: 'pgqueue', name: 'Queues', configuration: {} },
  ])
  const place = { kind: 'topic' as const, lanes: ['0'], settings: {}, seenAt: new Date() }
  await db.insert(destination).values([
    { ...place, clusterId: 'k1', name: 'orders' },
    { ...place, clusterId: 'p1', name: 'orders' },
    { ...place, clusterId: 'k1', name: 'mail' },
    { ...place, clusterId: 'k2', name: 'mail' },
  ])
  runtime = {
    ...openTestWeb(db, knownNothing).runtime,
    maskRule: openMaskRule('email'),
    askCollector: (question) => {
      asked.push(question)
      return Promise.resolve({
        key: Buffer.from('cust-1').toString('base64'),
        payload: Buffer.from('{"amount":5,"email":"a@b.c","card":{"number":1}}').toString('base64'),
        payloadBytes: 48,
        headers: [{ n: 'authorization', t: 'Bearer abcdefgh' }, { n: 'kind', t: 'order' }, { n: 'nothing' }],
        timestampMs: 1_000,
        timestampKind: 'created',
      })
    },
  }
})

const flowOf = (topic: string, place: { partition?: string; offset?: string }): ShelvedFlow => {
  const flow = assembleFlow(
    facts({
      spans: [
        send('s', topic, { at: 0, for: 1, service: 'checkout' }),
        consume('c', topic, { at: 2, for: 1, service: 'payments', parent: 's' }, place),
      ],
    }),
  )
  return runParts(shelve({ flow, members: [], isWhole: true, readAtMs: 0, costMs: 0 }))
}
const read = (flow: ShelvedFlow) => readLiveMessage(runtime, flow, flow.flow.hops[0]!.id)

test('the message is asked for by its position in the cluster of its kind, and comes back masked', async () => {
  const message = await read(flowOf('orders', { partition: '3', offset: '88' }))
  expect(asked.at(-1)).toEqual({
    kind: 'read-message',
    clusterId: 'k1',
    question: { destination: 'orders', position: '3@88' },
  })
  expect(JSON.parse(message.payload!.text)).toEqual({ amount: 5, email: '••••••••', card: { number: '••••••••' } })
  expect(message.payload).toMatchObject({ byteCount: 48, isShortened: false, maskedCount: 2 })
  expect(message.key).toMatchObject({ text: 'cust-1' })
  expect(message.headers).toEqual([
    { name: 'authorization', kind: 'text', text: '••••••••' },
    { name: 'kind', kind: 'text', text: 'order' },
    { name: 'nothing', kind: 'null', text: null },
  ])
})

test('what cannot be found for certain is not guessed', async () => {
  await expect(read(flowOf('mail', { partition: '0', offset: '1' }))).rejects.toMatchObject({ code: 'unsupported' })
  await expect(read(flowOf('unheard-of', { partition: '0', offset: '1' }))).rejects.toMatchObject({
    code: 'unsupported',
  })
  await expect(read(flowOf('orders', {}))).rejects.toMatchObject({ code: 'unsupported' })
  await expect(readLiveMessage(runtime, flowOf('orders', {}), 'nothing')).rejects.toBeInstanceOf(Failure)
})
