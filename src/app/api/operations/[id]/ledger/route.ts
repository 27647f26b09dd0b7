import { answerLedgerExport } from '#server/answer-ledger-export.ts'
import { getRuntime } from '#server/runtime.ts'

export const dynamic = 'force-dynamic'

export const GET = (request: Request): Promise<Response> => answerLedgerExport(getRuntime(), request)
