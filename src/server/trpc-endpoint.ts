import { fetchRequestHandler } from '@trpc/server/adapters/fetch'
import { appRouter } from '#server/app-router.ts'
import { openRequest } from '#server/open-request.ts'
import { isOwnOrigin } from '#server/origin-check.ts'
import type { Runtime } from '#server/runtime.ts'

/**
 * The one door to every procedure. What may change state (POST) must be JSON and come from our own pages; everything
 * else is refused before anything is read. Reads go by GET, which carries no mutation.
 */
export async function answerTrpcRequest(runtime: Runtime, request: Request): Promise<Response> {
  if (request.method === 'POST') {
    if (!isOwnOrigin(request.headers, runtime.config.THROUGHLINE_URL)) return refuse(403, 'not from our own pages')
    const contentType = request.headers.get('content-type') ?? ''
    if (!/^application\/json\s*(;|$)/i.test(contentType)) return refuse(415, 'JSON only')
  }
  return fetchRequestHandler({
    endpoint: '/api/trpc',
    req: request,
    router: appRouter,
    createContext: ({ resHeaders }) => openRequest(runtime, request.headers, resHeaders),
    responseMeta: () => ({ headers: new Headers({ 'cache-control': 'no-store' }) }),
    maxBatchSize: 20,
  })
}

function refuse(status: number, message: string): Response {
  return Response.json({ error: { message } }, { status, headers: { 'cache-control': 'no-store' } })
}
