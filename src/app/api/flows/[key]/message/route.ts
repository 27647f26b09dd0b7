import { answerLiveMessageDownload } from '#server/answer-message-download.ts'
import { getRuntime } from '#server/runtime.ts'

export const dynamic = 'force-dynamic'

export const GET = (request: Request): Promise<Response> => answerLiveMessageDownload(getRuntime(), request)
