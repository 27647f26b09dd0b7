import { startAnswers } from '#collector/answer/start-answers.ts'
import type { CollectorContext } from '#collector/duty.ts'
import { createApprovalSeal } from '#commands/operation/approval-seal.ts'
import { startAttributeIndex } from '#collector/index/start-attribute-index.ts'
import { openSpanIntake } from '#collector/ingest/open-span-intake.ts'
import { startIngest } from '#collector/ingest/start-ingest.ts'
import { startPolls } from '#collector/poll/start-polls.ts'
import { startLearning } from '#collector/learn/start-learning.ts'
import { startRetention } from '#collector/retain/start-retention.ts'
import { startWitnesses } from '#collector/witness/start-witnesses.ts'
import { startStuckSweep } from '#collector/stuck/start-stuck-sweep.ts'
import type { DutyStarter } from '#collector/start-duties.ts'
import type { CollectorConfig } from '#config.ts'
import type { DatabaseClient } from '#db/client.ts'
import { startConsumerActions } from '#engine/consumer-actions/start-consumer-actions.ts'
import { startPauses } from '#engine/pause/start-pauses.ts'
import { startOperations } from '#engine/start-operations.ts'
import type { Log } from '#log.ts'
import { openTelemetryReader } from '#telemetry-store/postgres/open-telemetry-reader.ts'

/** Of flows that sampling has not decided on: more than waits in half a minute at full speed. */
const MAX_HELD_BYTES = 96 * 1024 * 1024

/** The duties in the order in which they start: who receives must be ready before who sends. */
export const dutyStarters = (config: CollectorConfig): readonly DutyStarter[] => [
  { name: 'retain', isEnabled: config.THROUGHLINE_DUTY_RETAIN, start: startRetention },
  { name: 'index', isEnabled: config.THROUGHLINE_DUTY_INGEST, start: startAttributeIndex },
  { name: 'ingest', isEnabled: config.THROUGHLINE_DUTY_INGEST, start: receiveTelemetry },
  {
    name: 'poll',
    isEnabled: config.THROUGHLINE_DUTY_POLL,
    start: (context) => startPolls(context, config.THROUGHLINE_LAG_RULES),
  },
  // Who polls has the brokers open, so it also answers what people want to see of them.
  { name: 'answer', isEnabled: config.THROUGHLINE_DUTY_POLL, start: startAnswers },
  { name: 'learn', isEnabled: config.THROUGHLINE_DUTY_LEARN, start: startLearning },
  // Learns from telemetry as `learn` does, so one switch is for both.
  { name: 'witness', isEnabled: config.THROUGHLINE_DUTY_LEARN, start: startWitnesses },
  { name: 'stuck', isEnabled: config.THROUGHLINE_DUTY_STUCK, start: startStuckSweep },
  {
    name: 'act',
    isEnabled: config.THROUGHLINE_DUTY_OPERATE,
    start: (context) => Promise.resolve({ name: 'act', ...startConsumerActions(context) }),
  },
  {
    // Its own duty but no switch of its own: who may act on brokers also has to end what was begun.
    name: 'pause',
    isEnabled: config.THROUGHLINE_DUTY_OPERATE,
    start: async (context) => ({ name: 'pause', ...startPauses(context) }),
  },
  {
    name: 'operate',
    isEnabled: config.THROUGHLINE_DUTY_OPERATE,
    start: async (context) => ({
      name: 'operate',
      ...startOperations({
        ...context,
        failpoint: { text: config.FAILPOINT, nodeEnvironment: config.NODE_ENV },
        ...(config.THROUGHLINE_SECRET === undefined
          ? {}
          : { approvalSeal: createApprovalSeal(config.THROUGHLINE_SECRET) }),
      }),
    }),
  },
]

/** What the other duties read and record, whether or not this collector receives telemetry from outside. */
export async function openTelemetry({ pool }: DatabaseClient, log: Log) {
  const intake = await openSpanIntake({ pool, log })
  return { ...openTelemetryReader(pool), ...intake.telemetry, close: () => intake.close() }
}

async function receiveTelemetry({ client, config, correlation, log }: CollectorContext) {
  const ingest = await startIngest({
    pool: client.pool,
    host: config.THROUGHLINE_HOST,
    httpPort: config.THROUGHLINE_OTLP_HTTP_PORT,
    grpcPort: config.THROUGHLINE_OTLP_GRPC_PORT,
    correlation,
    log,
    sampling: {
      share: config.THROUGHLINE_SAMPLE_RATE,
      slowUs: config.THROUGHLINE_SAMPLE_SLOW_MS * 1_000,
      waitMs: config.THROUGHLINE_SAMPLE_WAIT_SECONDS * 1_000,
      maxHeldBytes: MAX_HELD_BYTES,
    },
  })
  log.info({ httpPort: ingest.httpPort, grpcPort: ingest.grpcPort }, 'receiving telemetry')
  return { name: 'ingest', stop: () => ingest.stop() }
}
