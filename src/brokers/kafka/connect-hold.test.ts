import { expect, test } from 'vitest'
import type { ConnectorsFacet } from '#brokers/broker.ts'
import { connectHold } from '#brokers/kafka/connect-hold.ts'
import type { Connector, ConnectorState } from '#domain/connect/connector.ts'

const signal = AbortSignal.timeout(60_000)

/** A Connect with one sink that does what it is told. */
function openConnect(state: ConnectorState) {
  const done: string[] = []
  const sink: Connector = {
    connect: 'http://connect',
    name: 'files',
    type: 'sink',
    className: 'FileStreamSink',
    state,
    failure: null,
    tasks: [],
    group: 'connect-files',
  }
  let now = sink
  const facet: ConnectorsFacet = {
    read: async () => ({ connectors: [now], unreadable: [] }),
    readOne: async () => now,
    act: async ({ verb }) => {
      done.push(verb)
      now = { ...now, state: verb === 'pause' ? 'PAUSED' : 'RUNNING' }
    },
    readOffsets: async () => [],
  }
  return { hold: connectHold(facet), done, set: (next: ConnectorState) => void (now = { ...now, state: next }) }
}

test('a connector that runs is paused and runs again', async () => {
  const { hold, done } = openConnect('RUNNING')
  const before = await hold.read({ group: 'connect-files', clientIds: [] }, signal)
  expect(before).toEqual({ connect: 'http://connect', connector: 'files', wasRunning: true })
  await hold.apply(before, signal)
  await hold.restore(before, signal)
  await hold.restore(before, signal)
  expect(done).toEqual(['pause', 'resume'])
})

test('one that was paused before stays so, and one that somebody stops meanwhile is theirs', async () => {
  const paused = openConnect('PAUSED')
  const before = await paused.hold.read({ group: 'connect-files', clientIds: [] }, signal)
  await paused.hold.apply(before, signal)
  await paused.hold.restore(before, signal)
  expect(paused.done).toEqual([])
  const stopped = openConnect('RUNNING')
  const running = await stopped.hold.read({ group: 'connect-files', clientIds: [] }, signal)
  await stopped.hold.apply(running, signal)
  stopped.set('STOPPED')
  await stopped.hold.restore(running, signal)
  expect(stopped.done).toEqual(['pause'])
})

test('a group that no connector reads as cannot be paused this way', async () => {
  const { hold } = openConnect('RUNNING')
  await expect(hold.read({ group: 'connect-others', clientIds: [] }, signal)).rejects.toMatchObject({
    code: 'unsupported',
  })
})
