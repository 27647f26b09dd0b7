/**
 * Next calls this once before the first request. A wrong configuration ends the process here, with the names of what is
 * wrong, instead of failing request by request.
 */
export async function register(): Promise<void> {
  // Spelt out for the compiler, which leaves the branch out of bundles for the edge runtime.
  if (process.env['NEXT_RUNTIME'] !== 'nodejs') return
  const { startWebProcess } = await import('#server/start-web-process.ts')
  startWebProcess()
}
