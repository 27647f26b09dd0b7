import type { EventEmitter } from 'node:events'
import type { Broker } from '#brokers/broker.ts'
import type { ApprovalSeal } from '#commands/operation/approval-seal.ts'
import type { DatabaseClient } from '#db/client.ts'
import type { MatchLetters } from '#domain/dead-letter/letter-subject.ts'
import type { Actor } from '#domain/access/role.ts'
import type { OutcomeLimits } from '#domain/operation/outcome.ts'
import type { Failpoint } from '#engine/failpoint.ts'
import type { Log } from '#log.ts'
import type { TelemetryReader, TelemetryWriter } from '#telemetry-store/telemetry-store.ts'

/** What the engine tells telemetry and asks of it. */
export type EngineTelemetry = TelemetryWriter &
  Pick<TelemetryReader, 'readDeliveriesOf'> &
  // Without it nobody knows how deliveries end, and nothing is judged by it.
  Partial<Pick<TelemetryReader, 'readDestinationSeries'>>

export interface EngineContext {
  readonly client: DatabaseClient
  readonly brokers: { get(clusterId: string): Promise<Broker> }
  readonly telemetry: EngineTelemetry
  /** Runs what people write as expressions, in a thread of its own. */
  readonly expressions: { readonly match: MatchLetters }
  readonly log: Log
  /** Names this process in leases. */
  readonly holder: string
  readonly failpoint: Failpoint
  /** null: no approval can be checked here, so none counts. */
  readonly approvalSeal: ApprovalSeal | null
  readonly leaseTtlMs: number
  readonly outcomeLimits: OutcomeLimits
  /** How often live traffic is looked at. */
  readonly trafficLookMs: number
  /** Emits an operation's id when something was asked of it. */
  readonly wishes: EventEmitter
}

/** In whose name the engine acts when nobody asked it to. */
export const ENGINE_ACTOR: Actor = { kind: 'system', id: 'engine', name: 'collector' }
