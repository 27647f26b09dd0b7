import type { Database } from '#db/client.ts'
import { findOperationRow, listOperationItems } from '#db/store/operation-list.ts'
import { isAllowed } from '#domain/access/role.ts'
import { openRequest } from '#server/open-request.ts'
import type { Runtime } from '#server/runtime.ts'

const PAGE = 500
const ID = /\/api\/operations\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\/ledger$/

/**
 * The ledger of an operation as JSON Lines, one item a line in the order of the manifest, as it stands while it is read;
 * never a payload.
 */
export async function answerLedgerExport(runtime: Runtime, request: Request): Promise<Response> {
  const headers = new Headers({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
  const { caller } = await openRequest(runtime, request.headers, headers)
  if (caller === null) return Response.json({ error: 'sign in first' }, { status: 401, headers })
  if (caller.mustChangePassword || !isAllowed(caller.role, 'telemetry:read')) {
    return Response.json({ error: 'this needs telemetry:read' }, { status: 403, headers })
  }
  const id = ID.exec(new URL(request.url).pathname)?.[1]
  const found = id === undefined ? null : await findOperationRow(runtime.database, id)
  if (found === null) return Response.json({ error: 'there is no such operation' }, { status: 404, headers })
  headers.set('content-type', 'application/jsonl; charset=utf-8')
  headers.set('content-disposition', `attachment; filename="op-${found.number}-ledger.jsonl"`)
  return new Response(streamItems(runtime.database, found.id), { headers })
}

/** Reads a page when the reader is ready for it; a page that cannot be read breaks the download off, visibly. */
function streamItems(database: Database, operationId: string): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  let cursor: string | null = null
  return new ReadableStream({
    async pull(controller) {
      const query = { operationId, state: null, outcome: null, limit: PAGE, cursor }
      const page = await listOperationItems(database, query)
      const lines = page.items.map((item) => `${JSON.stringify(item)}\n`).join('')
      if (lines !== '') controller.enqueue(encoder.encode(lines))
      cursor = page.nextCursor
      if (cursor === null) controller.close()
    },
  })
}
