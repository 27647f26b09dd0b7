import type { z } from 'zod'
import { exportDeadLetters } from '#commands/dead-letter/export.ts'
import type { Database } from '#db/client.ts'
import { readExportPage, type ExportSelection } from '#db/store/dead-letter-export-store.ts'
import { writeMessageLine } from '#domain/export/write-message-line.ts'
import { toFailure, type FailureCode } from '#domain/failure.ts'
import { openRequest } from '#server/open-request.ts'
import type { Runtime } from '#server/runtime.ts'

const PAGE = 100
const STATUS: Partial<Record<FailureCode, number>> = { 'not-found': 404, invalid: 400, limit: 413, forbidden: 403 }

/**
 * Dead letters as JSON Lines, whole and unmasked, for those who may take payloads out; every export is on record before
 * its first byte leaves.
 */
export async function answerDeadLetterExport(runtime: Runtime, request: Request): Promise<Response> {
  const headers = new Headers({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
  const { caller } = await openRequest(runtime, request.headers, headers)
  if (caller === null) return Response.json({ error: 'sign in first' }, { status: 401, headers })
  if (caller.mustChangePassword) {
    return Response.json({ error: 'choose your own password first' }, { status: 403, headers })
  }
  try {
    // What is asked comes from the address; the command parses it like every other input.
    const asked = Object.fromEntries(new URL(request.url).searchParams) as z.input<typeof exportDeadLetters.input>
    const { selection, lastId } = await exportDeadLetters({ database: runtime.database, actor: caller.actor }, asked)
    headers.set('content-type', 'application/jsonl; charset=utf-8')
    headers.set('content-disposition', `attachment; filename="dead-letters-${selection.state}.jsonl"`)
    return new Response(streamLines(runtime.database, selection, lastId), { headers })
  } catch (error) {
    const { code, message } = toFailure(error)
    const status = STATUS[code]
    if (status !== undefined) return Response.json({ error: message }, { status, headers })
    runtime.log.error({ err: error }, 'dead letters could not be exported')
    return Response.json({ error: 'something went wrong on the server' }, { status: 500, headers })
  }
}

/** Reads a page when the reader is ready for it; a page that cannot be read breaks the download off, visibly. */
function streamLines(database: Database, selection: ExportSelection, lastId: number): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  let afterId = 0
  return new ReadableStream({
    async pull(controller) {
      const rows = await readExportPage(database, selection, { afterId, lastId, limit: PAGE })
      for (const { letter } of rows) controller.enqueue(encoder.encode(writeMessageLine(letter)))
      afterId = rows.at(-1)?.id ?? afterId
      if (rows.length < PAGE) controller.close()
    },
  })
}
