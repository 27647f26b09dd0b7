import { answerDeadLetterExport } from '#server/answer-dead-letter-export.ts'
import { getRuntime } from '#server/runtime.ts'

export const dynamic = 'force-dynamic'

export const GET = (request: Request): Promise<Response> => answerDeadLetterExport(getRuntime(), request)
