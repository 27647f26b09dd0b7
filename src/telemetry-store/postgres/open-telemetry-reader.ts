import type pg from 'pg'
import { countFlows } from '#telemetry-store/postgres/count-flows.ts'
import { listFlows } from '#telemetry-store/postgres/list-flows.ts'
import { observeServices } from '#telemetry-store/postgres/observe-services.ts'
import { readDeliveriesOf } from '#telemetry-store/postgres/read-deliveries.ts'
import { readDestinationSeries } from '#telemetry-store/postgres/read-destination-series.ts'
import { readEdges } from '#telemetry-store/postgres/read-edges.ts'
import { readFlowFigures } from '#telemetry-store/postgres/read-flow-figures.ts'
import { countFlowSpans, readFlowSpans } from '#telemetry-store/postgres/read-flow-spans.ts'
import { readDeploys, readGroupDwell } from '#telemetry-store/postgres/read-group-marks.ts'
import { readReceivers, readServiceHosts } from '#telemetry-store/postgres/read-receivers.ts'
import { readRecentMessages } from '#telemetry-store/postgres/read-recent-messages.ts'
import { readSampling } from '#telemetry-store/postgres/read-sampling.ts'
import { readSpanDetail } from '#telemetry-store/postgres/read-span-detail.ts'
import { readServiceVersions } from '#telemetry-store/postgres/read-service-versions.ts'
import { readTakenSpans, readTraces } from '#telemetry-store/postgres/read-taken-spans.ts'
import { readTraffic } from '#telemetry-store/postgres/read-traffic.ts'
import { findFlowKeyOfTrace } from '#telemetry-store/postgres/resolve-flow-key.ts'
import type { TelemetryReader } from '#telemetry-store/telemetry-store.ts'

/** The reading side of telemetry in Postgres. */
export function openTelemetryReader(pool: pg.Pool): TelemetryReader {
  return {
    listFlows: (query, signal) => listFlows(pool, query, Date.now() * 1_000, signal),
    countFlows: (query, stepUs) => countFlows(pool, query, stepUs),
    readFlowSpans: (flowKey, cap, wanted) => readFlowSpans(pool, flowKey, cap, wanted),
    countFlowSpans: (flowKey) => countFlowSpans(pool, flowKey),
    readSpanDetail: (traceId, spanId) => readSpanDetail(pool, traceId, spanId),
    findFlowKeyOfTrace: (traceId) => findFlowKeyOfTrace(pool, traceId),
    readDeliveriesOf: (senders) => readDeliveriesOf(pool, senders),
    readFlowFigures: (fromUs, toUs) => readFlowFigures(pool, fromUs, toUs),
    readReceivers: (destinations, fromUs) => readReceivers(pool, destinations, fromUs),
    readServiceVersions: (service) => readServiceVersions(pool, service),
    readGroupDwell: (takers, window) => readGroupDwell(pool, takers, window),
    readDeploys: (takers, window) => readDeploys(pool, takers, window),
    readTakenSpans: (query) => readTakenSpans(pool, query),
    readTraces: (traceIds) => readTraces(pool, traceIds),
    observeServices: (window) => observeServices(pool, window),
    readSampling: (fromUs) => readSampling(pool, fromUs),
    readServiceHosts: (services) => readServiceHosts(pool, services),
    readRecentMessages: (query) => readRecentMessages(pool, query),
    readEdges: (window) => readEdges(pool, window),
    readTraffic: (window, stepSeconds) => readTraffic(pool, window, stepSeconds),
    readDestinationSeries: (query) => readDestinationSeries(pool, query),
  }
}
