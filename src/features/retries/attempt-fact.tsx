'use client'
import { useQuery } from '@tanstack/react-query'
import { useTRPC } from '#trpc/use-trpc.ts'
import { Fact } from '#ui/fact-list.tsx'
import { formatCount } from '#ui/format/number.ts'
import { formatFactor, type Retries } from '#features/retries/retry-words.ts'

const WINDOW_MS = 900_000

/** Deliveries per message of a destination in the last quarter of an hour, one line per service that takes from it. */
export function AttemptFact({ destination }: { readonly destination: string }) {
  const trpc = useTRPC()
  const answer = useQuery({
    ...trpc.retry.list.queryOptions({ windowMs: WINDOW_MS, destination }),
    refetchInterval: 60_000,
  })
  return (
    <Fact name="Attempts">
      {answer.data === undefined ? (
        <span className="text-ink-3">{answer.isError ? 'not known' : '…'}</span>
      ) : (
        <Lines answer={answer.data} />
      )}
    </Fact>
  )
}

function Lines({ answer }: { readonly answer: Retries }) {
  if (answer.takers.length === 0) return <span className="text-ink-3">nothing taken in the last 15 min</span>
  return answer.takers.map(({ service, consumerGroup, amplification, retriedCount, duplicateCount }) => (
    <div key={`${service}/${consumerGroup ?? ''}`}>
      {formatFactor(amplification)} <span className="text-ink-3">by {service}</span>
      {retriedCount > 0 && <span className="text-warn">, {formatCount(retriedCount)} retried</span>}
      {duplicateCount > 0 && <span className="text-warn">, {formatCount(duplicateCount)} ran again</span>}
    </div>
  ))
}
