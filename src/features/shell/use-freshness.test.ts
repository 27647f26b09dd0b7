import { QueryClient, QueryObserver } from '@tanstack/react-query'
import { expect, test } from 'vitest'
import { readFreshness } from '#features/shell/use-freshness.ts'

const refusal = (code: string): Error => Object.assign(new Error(code), { data: { failure: { code } } })

/** The freshness of a page on which one renewed query has come to an end. */
async function freshnessOf(ask: () => Promise<string>): Promise<string> {
  const client = new QueryClient()
  const options = { queryKey: ['it'], queryFn: ask, retry: false, refetchInterval: 60_000 }
  const stop = new QueryObserver(client, options).subscribe(() => undefined)
  await client.fetchQuery(options).catch(() => undefined)
  const freshness = readFreshness(client.getQueryCache().getAll())
  stop()
  client.clear()
  return freshness
}

test('what came is live, what is refused or not there is an answer too, and only silence is stale', async () => {
  expect(await freshnessOf(() => Promise.resolve('here'))).toMatch(/^live:[1-9]/)
  expect(await freshnessOf(() => Promise.reject(refusal('not-found')))).toMatch(/^live:[1-9]/)
  expect(await freshnessOf(() => Promise.reject(refusal('internal')))).toBe('stale:0')
  expect(await freshnessOf(() => Promise.reject(new TypeError('fetch failed')))).toBe('stale:0')
})
