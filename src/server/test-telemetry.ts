import { noFlowSpans } from '#telemetry-store/no-flow-spans.ts'
import type { TelemetryReader } from '#telemetry-store/telemetry-store.ts'

/** A telemetry store in which nothing has arrived yet; tests override what they need. */
export const knownNothing: TelemetryReader = {
  listFlows: () => Promise.resolve({ flows: [], nextCursor: null, searchedToUs: 0, searchedIn: 'flows', isHub: false }),
  countFlows: () => Promise.resolve({ stepUs: 1, buckets: [], sampleFactor: 1, isUpperBound: false }),
  readFlowSpans: (flowKey) => Promise.resolve(noFlowSpans(flowKey)),
  countFlowSpans: () => Promise.resolve(0),
  readSpanDetail: () => Promise.resolve(null),
  findFlowKeyOfTrace: () => Promise.resolve(null),
  readDeliveriesOf: () => Promise.resolve([]),
  readEdges: () => Promise.resolve({ edges: [], bucketMs: 10_000 }),
  readTraffic: () => Promise.resolve([]),
  readDestinationSeries: () => Promise.resolve([]),
  readReceivers: () => Promise.resolve([]),
  readServiceVersions: () => Promise.resolve([]),
  readGroupDwell: () => Promise.resolve([]),
  readDeploys: () => Promise.resolve([]),
  readTakenSpans: ({ fromUs }) => Promise.resolve({ spans: [], fromUs }),
  readTraces: () => Promise.resolve([]),
  observeServices: () => Promise.resolve([]),
  readSampling: () => Promise.resolve({ receivedCount: 0, keptCount: 0, droppedCount: 0, destinations: [] }),
  readServiceHosts: () => Promise.resolve(new Map()),
  readRecentMessages: () => Promise.resolve([]),
  readFlowFigures: () => Promise.resolve({ flowCount: 0, durationP50Us: null, durationP95Us: null }),
}
