import { setImmediate } from 'node:timers/promises'
import { isAllowed } from '#domain/access/role.ts'
import { toFailure, type FailureCode } from '#domain/failure.ts'
import { printFlowJson } from '#domain/flow/print-flow-json.ts'
import { writeFlowJson } from '#domain/flow/write-flow-json.ts'
import { ROUTE_ACCESS } from '#server/access-matrix.ts'
import { openRequest } from '#server/open-request.ts'
import { readWholeFlow } from '#server/read-flow.ts'
import type { Runtime } from '#server/runtime.ts'

const MAX_KEY = 300
const STATUS: Partial<Record<FailureCode, number>> = { 'not-found': 404, invalid: 400, limit: 429 }

/** The flow as a file, for those who may see telemetry; never a payload. Bounded like the page that it belongs to. */
export async function answerFlowDownload(runtime: Runtime, request: Request): Promise<Response> {
  const headers = new Headers({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
  const permission = ROUTE_ACCESS['api/flows/[key]/download']
  const { caller } = await openRequest(runtime, request.headers, headers)
  if (caller === null) return Response.json({ error: 'sign in first' }, { status: 401, headers })
  if (caller.mustChangePassword || permission === undefined || !isPermission(permission, caller.role)) {
    return Response.json({ error: 'this needs telemetry:read' }, { status: 403, headers })
  }
  const flowKey = readKey(request.url)
  if (flowKey === null) {
    return Response.json({ error: 'that is no flow key' }, { status: 400, headers })
  }
  try {
    const { flow, members } = await readWholeFlow(runtime, flowKey)
    headers.set('content-type', 'application/json; charset=utf-8')
    headers.set('content-disposition', `attachment; filename="${fileName(flowKey)}"`)
    return new Response(streamText(printFlowJson(writeFlowJson(flow, members, runtime.nowMs()))), { headers })
  } catch (error) {
    const { code, message } = toFailure(error)
    const status = STATUS[code]
    if (status !== undefined) return Response.json({ error: message }, { status, headers })
    runtime.log.error({ err: error, flowKey }, 'a flow could not be downloaded')
    return Response.json({ error: 'something went wrong on the server' }, { status: 500, headers })
  }
}

/** Prints a piece when the reader is ready for it, and lets other requests go first. */
function streamText(pieces: Generator<string, void>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  return new ReadableStream({
    async pull(controller) {
      await setImmediate()
      const piece = pieces.next()
      if (piece.done === true) controller.close()
      else controller.enqueue(encoder.encode(piece.value))
    },
  })
}

function isPermission(declared: (typeof ROUTE_ACCESS)[string], role: Parameters<typeof isAllowed>[0]): boolean {
  return declared !== 'procedures' && declared !== 'public' && isAllowed(role, declared)
}

/** The key in `/api/flows/KEY/download`; null when it is none. */
function readKey(url: string): string | null {
  try {
    const key = decodeURIComponent(/\/api\/flows\/([^/]+)\/download$/.exec(new URL(url).pathname)?.[1] ?? '')
    return key === '' || key.length > MAX_KEY ? null : key
  } catch {
    // Not well-formed percent signs
    return null
  }
}

/** Letters, digits and a few signs of the key; whatever else stands in it says nothing about the file. */
const fileName = (flowKey: string): string => `flow-${flowKey.replaceAll(/[^\w.-]+/g, '_').slice(0, 80)}.json`
