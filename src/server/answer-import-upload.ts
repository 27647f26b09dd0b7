import { toFailure, type FailureCode } from '#domain/failure.ts'
import { MAX_IMPORT_BYTES } from '#domain/import/import-limits.ts'
import { openRequest } from '#server/open-request.ts'
import { isOwnOrigin } from '#server/origin-check.ts'
import { commandContext } from '#server/request-context.ts'
import type { Runtime } from '#server/runtime.ts'
import { takeImportFile } from '#server/take-import-file.ts'

const STATUS: Partial<Record<FailureCode, number>> = {
  'not-found': 404,
  invalid: 422,
  limit: 413,
  forbidden: 403,
  conflict: 409,
}
/** A file that trickles in holds a connection no longer than this. */
const LIMIT_MS = 10 * 60_000

/**
 * Takes a file of JSON Lines, as an export writes it, to be planned afterwards; the body is the file itself. Answers
 * with what came in, or with the lines that are no messages.
 */
export async function answerImportUpload(runtime: Runtime, request: Request): Promise<Response> {
  const headers = new Headers({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
  const refuse = (status: number, error: string, problems: unknown = []): Response =>
    Response.json({ error, problems }, { status, headers })
  if (!isOwnOrigin(request.headers, runtime.config.THROUGHLINE_URL)) return refuse(403, 'not from our own pages')
  const context = await openRequest(runtime, request.headers, headers)
  const { caller } = context
  if (caller === null) return refuse(401, 'sign in first')
  if (caller.mustChangePassword) return refuse(403, 'choose your own password first')
  if (Number(request.headers.get('content-length') ?? 0) > MAX_IMPORT_BYTES) {
    return refuse(413, `the file has more than ${MAX_IMPORT_BYTES} bytes`)
  }
  if (request.body === null) return refuse(422, 'there is no file')
  const name = new URL(request.url).searchParams.get('name') ?? ''
  try {
    const body = request.body.pipeThrough(new TransformStream<Uint8Array, Uint8Array>(), {
      signal: AbortSignal.timeout(LIMIT_MS),
    })
    return Response.json(await takeImportFile(commandContext({ ...context, caller }), name, body), { headers })
  } catch (error) {
    const { code, message, details } = toFailure(error)
    const status = STATUS[code]
    if (status !== undefined) return refuse(status, message, details['problems'])
    runtime.log.error({ err: error }, 'a file of messages could not be taken')
    return refuse(500, 'the file did not come in whole, or something went wrong on the server')
  }
}
