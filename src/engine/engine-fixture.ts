import { randomUUID } from 'node:crypto'
import { sql } from 'drizzle-orm'
import pino from 'pino'
import type { Broker } from '#brokers/broker.ts'
import { planRedrive } from '#commands/dead-letter/plan-redrive.ts'
import { startOperation } from '#commands/operation/start.ts'
import type { Database, DatabaseClient } from '#db/client.ts'
import { readOperationView, type OperationView } from '#db/store/operation-view-store.ts'
import type { Actor } from '#domain/access/role.ts'
import type { EditStep } from '#domain/edit/edit-step.ts'
import type { OperationState } from '#domain/operation/operation-state.ts'
import type { EngineTelemetry } from '#engine/engine-context.ts'
import { startOperations, type OperationsOptions } from '#engine/start-operations.ts'
import type { Delivery, OwnSpan } from '#telemetry-store/telemetry-store.ts'

/** What the tests of the engine share: a person, dead letters in the inbox, a consumer that says what it saw. */
export const OPERATOR: Actor = { kind: 'person', id: 'p1', name: 'Olga', role: 'operator' }

export const SILENT_LOG = pino({ level: 'silent' })

export interface SeededLetter {
  /** Printed position in the dead-letter place. */
  readonly position: string
  readonly key: Uint8Array | null
  readonly originDestination: string | null
  readonly originPosition?: string
  readonly redriveCount?: number
  readonly consumerGroup?: string
  readonly payloadBytes?: number
}

/** Puts dead letters on record as the poll would: one fingerprint, all open, in the given order. Returns their ids. */
export async function seedDeadLetters(
  database: Database,
  place: { readonly clusterId: string; readonly destination: string; readonly fingerprint: string },
  letters: readonly SeededLetter[],
): Promise<readonly number[]> {
  const ids: number[] = []
  for (let from = 0; from < letters.length; from += 5_000) {
    const part = letters.slice(from, from + 5_000)
    const { rows } = await database.execute<{ id: number }>(sql`
      insert into dead_letter (cluster_id, destination, position, dead_at, dialect, origin_destination, origin_position,
        consumer_group, fingerprint, fingerprint_title, message_key, headers, payload_bytes, redrive_count)
      select ${place.clusterId}, ${place.destination}, position, now(), 'none', origin, origin_position, consumer_group,
        ${place.fingerprint}, 'a bug', key, '[]', bytes, redrives
      from unnest(${sql.param(part.map((one) => one.position))}::text[],
        ${sql.param(part.map((one) => one.originDestination))}::text[],
        ${sql.param(part.map((one) => one.originPosition ?? null))}::text[],
        ${sql.param(part.map((one) => one.consumerGroup ?? null))}::text[],
        ${sql.param(part.map((one) => (one.key === null ? null : Buffer.from(one.key))))}::bytea[],
        ${sql.param(part.map((one) => one.payloadBytes ?? 0))}::int[],
        ${sql.param(part.map((one) => one.redriveCount ?? 0))}::int[]
      ) with ordinality as letter(position, origin, origin_position, consumer_group, key, bytes, redrives, at)
      order by at returning id::int as id`)
    ids.push(...rows.map((row) => row.id))
  }
  return ids
}

/** A consumer's telemetry, told by a function instead of by spans: what became of each copy that we recorded. */
export interface ToldTelemetry extends EngineTelemetry {
  readonly spans: ReadonlyMap<string, OwnSpan>
}

export function createToldTelemetry(tell: (span: OwnSpan) => 'processed' | 'failed' | 'silent'): ToldTelemetry {
  const spans = new Map<string, OwnSpan>()
  return {
    spans,
    recordOwnSpans: async (recorded) => {
      for (const span of recorded) spans.set(span.spanId, span)
    },
    readDeliveriesOf: async (senders) =>
      senders.flatMap((sender): Delivery[] => {
        const span = spans.get(sender.spanId)
        const told = span === undefined ? 'silent' : tell(span)
        if (told === 'silent') return []
        const receiver = { traceId: sender.traceId, spanId: randomUUID().slice(0, 16) }
        return [
          {
            sender: { traceId: sender.traceId, spanId: sender.spanId },
            receiver,
            service: 'payments',
            destination: null,
            consumerGroup: null,
            receivedUs: 0,
            endedUs: 0,
            isError: told === 'failed',
          },
        ]
      }),
  }
}

export type EngineSetting = Partial<OperationsOptions> & { readonly client: DatabaseClient; readonly broker: Broker }

export function startTestEngine({ broker, ...setting }: EngineSetting): { stop(): Promise<void> } {
  return startOperations({
    brokers: { get: async () => broker },
    telemetry: createToldTelemetry(() => 'processed'),
    log: SILENT_LOG,
    holder: randomUUID(),
    leaseTtlMs: 1_000,
    ...setting,
  })
}

export interface RedriveWish {
  readonly clusterId: string
  readonly source: string
  readonly fingerprint: string
  readonly ratePerSecond?: number
  readonly canarySize?: number
  readonly target?: string
  readonly edit?: readonly EditStep[]
}

/** Plans as a person would, and waits for the collector's dry run. */
export async function planAsPerson(database: Database, wish: RedriveWish): Promise<OperationView> {
  const { operationId } = await planRedrive(
    { database, actor: OPERATOR },
    {
      requestKey: randomUUID(),
      clusterId: wish.clusterId,
      source: wish.source,
      selection: { fingerprint: wish.fingerprint },
      reason: 'the bug is fixed',
      ratePerSecond: wish.ratePerSecond ?? 100_000,
      canarySize: wish.canarySize ?? 0,
      target: wish.target ?? 'origin',
      edit: [...(wish.edit ?? [])],
    },
  )
  return waitForState(database, operationId, ['planned', 'failed', 'cancelled'])
}

/** Plans, starts, and returns the id. */
export async function redriveAsPerson(database: Database, wish: RedriveWish): Promise<string> {
  const { operation } = await planAsPerson(database, wish)
  await startOperation(
    { database, actor: OPERATOR },
    { operationId: operation.id, manifestHash: operation.manifestHash ?? '' },
  )
  return operation.id
}

/** @throws when the operation does not get there in time; says where it is */
export async function waitForState(
  database: Database,
  operationId: string,
  states: readonly OperationState[],
  limitMs = 30_000,
): Promise<OperationView> {
  return waitFor(database, operationId, (view) => states.includes(view.operation.state), limitMs)
}

export async function waitFor(
  database: Database,
  operationId: string,
  isReached: (view: OperationView) => boolean,
  limitMs = 30_000,
): Promise<OperationView> {
  const until = Date.now() + limitMs
  for (;;) {
    const view = await readOperationView(database, operationId)
    if (view !== null && isReached(view)) return view
    if (Date.now() > until) {
      const { state, stateReason, intent } = view?.operation ?? {}
      throw new Error(`not reached: ${JSON.stringify({ state, stateReason, intent, counts: view?.counts })}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
