import type { Broker } from '#brokers/broker.ts'
import type { CorrelationInForce } from '#collector/correlation/watch-correlation-rules.ts'
import type { CollectorConfig } from '#config.ts'
import type { DatabaseClient } from '#db/client.ts'
import type { Log } from '#log.ts'
import type { TelemetryReader, TelemetryWriter } from '#telemetry-store/telemetry-store.ts'

/** One thing that the collector does all the time, and that configuration can switch off. */
export interface Duty {
  readonly name: string
  /** Ends the work and resolves when nothing of it runs any more. Never rejects for work that was cut short. */
  stop(): Promise<void>
}

export interface BrokerDirectory {
  /**
   * The open adapter of a cluster; opened on the first call and shared afterwards.
   *
   * @throws Failure `not-found` when no such cluster is registered, or what the adapter throws.
   */
  get(clusterId: string): Promise<Broker>
}

/** What every duty gets. Built once, in main.ts. */
export interface CollectorContext {
  readonly config: CollectorConfig
  readonly client: DatabaseClient
  readonly brokers: BrokerDirectory
  readonly telemetry: TelemetryReader & TelemetryWriter
  readonly correlation: CorrelationInForce
  readonly log: Log
  /** Names this process in leases; unique per start, so that a restarted process never takes its own old lease for held. */
  readonly holder: string
}
