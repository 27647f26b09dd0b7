import { expect, test } from 'vitest'
import { nodeLine, nodeSentence, nodeState } from '#features/topology/node-words.ts'
import type { MapNode } from '#features/topology/topology-graph.ts'

const NODE: MapNode = {
  id: 'service:payments',
  kind: 'service',
  name: 'payments',
  clusterIds: [],
  sentPerSecond: 4,
  receivedPerSecond: 12,
  errorShare: 0,
  dwellP50Ms: 5,
  dwellP95Ms: 400,
  processingP95Ms: 20,
  lagMessages: null,
  timeBehindMs: null,
  lagState: null,
  lagSentence: null,
  openDeadLetterCount: null,
  soonestExpiryAtMs: null,
  groups: [],
}
const lineOf = (more: Partial<MapNode>, isPresent = true) => nodeLine({ ...NODE, ...more }, isPresent, 1_000)

test('what is in order shows its rate and no state', () => {
  expect(nodeState(NODE, true)).toBeNull()
  expect(lineOf({})).toBe('12/s')
  expect(lineOf({ kind: 'destination' })).toBe('4/s')
})

test('what no span tells of is not said to be at rest', () => {
  expect(lineOf({ sentPerSecond: null, receivedPerSecond: null })).toBe('no spans')
})

test('a consumer that is behind shows its state and its lag, in the present only', () => {
  const behind = { lagState: 'STOPPED', lagMessages: 4_120 } as const
  expect(lineOf(behind)).toBe('Stopped · lag 4,120')
  expect(lineOf(behind, false)).toBe('12/s')
})

test('failing is marked where the work is done, not at the destination', () => {
  expect(nodeState({ ...NODE, errorShare: 0.021 }, true)).toEqual({ word: 'Failing', tone: 'warn' })
  expect(nodeState({ ...NODE, errorShare: 0.4 }, true)?.tone).toBe('bad')
  expect(nodeState({ ...NODE, kind: 'destination', errorShare: 0.4 }, true)).toBeNull()
})

test('a place of dead letters tells how many and until when, or that it is not known', () => {
  const place = {
    kind: 'dead-letters',
    openDeadLetterCount: 1_107,
    soonestExpiryAtMs: 9 * 3_600_000 + 720_000 + 1_000,
  } as const
  expect(lineOf(place)).toBe('1,107 open · 9\u00a0h left')
  expect(lineOf({ ...place, openDeadLetterCount: 0 })).toBe('empty')
  expect(lineOf({ ...place, openDeadLetterCount: null })).toBe('not known')
})

test('whoever does not see the map hears kind, name, state and waiting', () => {
  expect(nodeSentence(NODE, true, 0)).toBe('Service payments, 12/s, waits 400\u00a0ms at the 95th percentile')
})
