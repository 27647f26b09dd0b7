import { expect, test } from 'vitest'
import type { PlaceDurability } from '#domain/operation/describe-durability.ts'
import { draftPlan, type ManifestFacts } from '#domain/operation/draft-plan.ts'

const FACTS: ManifestFacts = {
  selectedCount: 10,
  redrivenBeforeCount: 0,
  orderKeyCount: 3,
  payloadBytes: 1_000,
  cutPayloadCount: 0,
  firstExpiryAtMs: null,
  sends: [{ destination: 'orders', failedGroup: 'payments', count: 10 }],
  exclusions: [],
  readers: [],
  targetDurability: [],
  sourceDurability: null,
  hasInventory: true,
  edit: null,
  overtaken: null,
  change: { handledCount: 0, arrivedCount: 0 },
  health: [],
  schemas: null,
}
const place = (destination: string, replicationFactor: number | null, minInsyncReplicas: number | null) =>
  ({ destination, replicationFactor, minInsyncReplicas }) satisfies PlaceDurability
const warningsOf = (facts: Partial<ManifestFacts>) =>
  draftPlan({ ...FACTS, ...facts }, { plannedAtMs: 0, ratePerSecond: 10, confirmContract: 'acks=all' }).warnings

test('places that keep several replicas and wait for them need no warning, nor do unknown ones', () => {
  const fine = [place('orders', 3, 2), place('queue', null, null)]
  expect(warningsOf({ targetDurability: fine, sourceDurability: place('orders-dlt', 3, 2) })).toEqual([])
})

test('a target with one replica is named once, with what is lost with its broker', () => {
  expect(warningsOf({ targetDurability: [place('orders', 1, 1)] })).toEqual([
    'orders has a single replica (replication factor 1): when its broker is lost, so are the copies that were confirmed there.',
  ])
})

test('a target whose leader may confirm alone is named, apart from those with one replica', () => {
  const targets = [place('a', 1, 1), place('b', 3, 1), place('c', 2, 1)]
  expect(warningsOf({ targetDurability: targets })).toEqual([
    expect.stringMatching(/^a has a single replica/),
    'b, c confirm with min.insync.replicas 1: while the other replicas lag behind, the leader confirms alone, and losing it then loses the copies that it confirmed.',
  ])
})

test('the source is named with what cannot be sent any more', () => {
  expect(warningsOf({ sourceDurability: place('orders-dlt', 1, 1) })).toEqual([
    'orders-dlt, where the dead letters lie, has a single replica (replication factor 1): when its broker is lost, what has not been sent by then cannot be sent any more.',
  ])
  expect(warningsOf({ sourceDurability: place('orders-dlt', 3, 1) })).toEqual([
    'orders-dlt, where the dead letters lie, has min.insync.replicas 1: the newest of them can be lost with the leader before another replica has them.',
  ])
})

test('many weak targets are one sentence, and nothing is said when nothing is sent', () => {
  const targets = ['a', 'b', 'c', 'd', 'e'].map((name) => place(name, 1, null))
  expect(warningsOf({ targetDurability: targets })).toEqual([
    expect.stringMatching(/^a, b, c and 2 more have a single replica/),
  ])
  expect(warningsOf({ targetDurability: targets, sends: [] })).toEqual(['Nothing would be sent.'])
})
