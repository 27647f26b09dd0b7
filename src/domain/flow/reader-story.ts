import type { DestinationReader, LaneWitness } from '#domain/flow/destination-reader.ts'

/** Material of the tests of verdicts: a group on `payments`, read a moment ago. */
export const NOW_MS = 1_800_000_000_000

export function lane(over: Partial<LaneWitness> = {}): LaneWitness {
  return {
    lane: '0',
    committed: 100,
    start: 0,
    end: 500,
    timeBehindMs: null,
    timeBehindErrorMs: null,
    samples: [],
    ...over,
  }
}

export function reader(over: Partial<DestinationReader> = {}): DestinationReader {
  const destination = over.destination ?? 'payments'
  return {
    clusterId: 'k1',
    clusterKind: 'kafka',
    group: 'email',
    destination,
    sentTo: [destination],
    isQueue: false,
    isExempt: false,
    state: 'LAGGING',
    asOfMs: NOW_MS - 2_000,
    lanes: [lane()],
    members: null,
    ...over,
  }
}
