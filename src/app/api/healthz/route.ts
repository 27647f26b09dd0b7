import { checkHealth } from '#server/check-health.ts'
import { getRuntime } from '#server/runtime.ts'

export const dynamic = 'force-dynamic'

/** 200 when the database answers, else 503; says nothing more, as anybody may ask. */
export async function GET(): Promise<Response> {
  const isHealthy = await checkHealth(getRuntime())
  return Response.json(
    { status: isHealthy ? 'ok' : 'unavailable' },
    { status: isHealthy ? 200 : 503, headers: { 'cache-control': 'no-store' } },
  )
}
