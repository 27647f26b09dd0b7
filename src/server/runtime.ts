import { readWebConfig, type WebConfig } from '#config.ts'
import { createApprovalSeal, type ApprovalSeal } from '#commands/operation/approval-seal.ts'
import { openDatabase, type Database } from '#db/client.ts'
import { type MaskRule, openMaskRule } from '#domain/masking/mask-text.ts'
import { type ExpressionRunner, openExpressionRunner } from '#expression/open-expression-runner.ts'
import { createLog, type Log } from '#log.ts'
import { openTelemetryReader } from '#telemetry-store/postgres/open-telemetry-reader.ts'
import { type AskCollector, limitAsking } from '#server/ask-collector.ts'
import { FlowShelf } from '#server/flow-shelf.ts'
import type { TelemetryReader } from '#telemetry-store/telemetry-store.ts'

/** What the web process is made of; tests build one around their own database. */
export interface Runtime {
  readonly config: WebConfig
  readonly database: Database
  readonly telemetry: TelemetryReader
  readonly flowShelf: FlowShelf
  /** Signs what people approve. */
  readonly approvalSeal: ApprovalSeal
  /** What of messages nobody sees. */
  readonly maskRule: MaskRule
  /** Asks whichever collector answers first. @throws Failure as the collector gave it; `limit` when too many ask at once */
  readonly askCollector: AskCollector
  /** Runs what people write as expressions, in a thread of its own. */
  readonly expressions: ExpressionRunner
  readonly log: Log
  readonly nowMs: () => number
}

// Next compiles every route by itself, each with modules of its own; the one pool of the process lives on the global.
const slot = globalThis as { throughlineRuntime?: Runtime }

/** The process' one runtime. @throws Failure `invalid` when the configuration is wrong. */
export function getRuntime(): Runtime {
  slot.throughlineRuntime ??= openRuntime()
  return slot.throughlineRuntime
}

function openRuntime(): Runtime {
  const config = readWebConfig(process.env)
  const log = createLog('web', config.LOG_LEVEL)
  const client = openDatabase(config.DATABASE_URL, {
    maxConnections: 10,
    onError: (error) => log.warn({ err: error }, 'an idle database connection broke'),
  })
  return {
    config,
    database: client.database,
    telemetry: openTelemetryReader(client.pool),
    flowShelf: new FlowShelf(),
    approvalSeal: createApprovalSeal(config.THROUGHLINE_SECRET),
    maskRule: openMaskRule(config.THROUGHLINE_MASKED_FIELDS ?? ''),
    askCollector: limitAsking(client),
    expressions: openExpressionRunner(),
    log,
    nowMs: Date.now,
  }
}
