import { appRouter } from '#server/app-router.ts'
import { openRequest } from '#server/open-request.ts'
import { createCaller } from '#server/procedure.ts'
import type { Runtime } from '#server/runtime.ts'

const openCaller = createCaller(appRouter)

/**
 * Asks, while a page is written, what the page will ask first; through the same procedures, for whoever the cookie
 * names. Null when it was refused or failed, which the procedure has reported: the page asks for itself and tells why.
 */
export async function askAhead<Answer>(
  runtime: Runtime,
  headers: Headers,
  ask: (caller: ReturnType<typeof openCaller>) => Promise<Answer>,
): Promise<Answer | null> {
  // Only a read is asked ahead; whatever would set a cookie has no response to set it on.
  const opened = openRequest(runtime, headers, new Headers())
  return opened.then((context) => ask(openCaller(context))).catch(() => null)
}
