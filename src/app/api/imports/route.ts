import { answerImportUpload } from '#server/answer-import-upload.ts'
import { getRuntime } from '#server/runtime.ts'

export const dynamic = 'force-dynamic'

export const POST = (request: Request): Promise<Response> => answerImportUpload(getRuntime(), request)
