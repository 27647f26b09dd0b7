import { answerFlowDownload } from '#server/answer-flow-download.ts'
import { getRuntime } from '#server/runtime.ts'

export const dynamic = 'force-dynamic'

export const GET = (request: Request): Promise<Response> => answerFlowDownload(getRuntime(), request)
