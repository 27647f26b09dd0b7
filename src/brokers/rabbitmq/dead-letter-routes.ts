import { settingOf, type BindingFacts, type QueueFacts } from '#brokers/rabbitmq/management-api.ts'

/** That what dies in `origin` lands in `place`, and by which setting. */
export interface DeadLetterRoute {
  readonly origin: string
  readonly place: string
  readonly evidence: string
}

const MAX_HOPS = 8

/**
 * Where the dead letters of each queue land: its dead-letter exchange followed over the bindings. Of an exchange that
 * looks at routing keys only the exact key is followed when the queue sets one; else any of its bindings may be meant.
 */
export function resolveDeadLetterRoutes(
  queues: readonly QueueFacts[],
  bindings: readonly BindingFacts[],
): readonly DeadLetterRoute[] {
  const known = new Set(queues.map(({ name }) => name))
  const bySource = Map.groupBy(bindings, ({ source }) => source)
  return queues.flatMap((queue) => {
    const exchange = settingOf(queue, 'dead-letter-exchange')
    if (typeof exchange !== 'string') return []
    const key = settingOf(queue, 'dead-letter-routing-key')
    const routingKey = typeof key === 'string' ? key : null
    const places = exchange === '' ? [routingKey ?? queue.name] : followBindings(bySource, exchange, routingKey)
    const evidence = `dead-letter exchange ${exchange === '' ? '(default)' : exchange}${
      routingKey === null ? '' : `, routing key ${routingKey}`
    } of ${queue.name}`
    return [...new Set(places)]
      .filter((place) => known.has(place) && place !== queue.name)
      .map((place) => ({ origin: queue.name, place, evidence }))
  })
}

function followBindings(
  bySource: ReadonlyMap<string, readonly BindingFacts[]>,
  exchange: string,
  routingKey: string | null,
): readonly string[] {
  const places: string[] = []
  const seen = new Set<string>()
  let frontier = [exchange]
  for (let hop = 0; hop < MAX_HOPS && frontier.length > 0; hop += 1) {
    const bindings = frontier.flatMap((source) => bySource.get(source) ?? [])
    for (const source of frontier) seen.add(source)
    const matching = narrow(bindings, routingKey)
    places.push(...matching.filter((one) => one.destination_type === 'queue').map((one) => one.destination))
    frontier = matching
      .filter((one) => one.destination_type === 'exchange' && !seen.has(one.destination))
      .map((one) => one.destination)
  }
  return places
}

/** Those that name the key itself; where none does, patterns, fanouts and header matches may take it. */
function narrow(bindings: readonly BindingFacts[], routingKey: string | null): readonly BindingFacts[] {
  const exact = routingKey === null ? [] : bindings.filter((one) => one.routing_key === routingKey)
  return exact.length > 0 ? exact : bindings
}

/** Queues in which dead letters of others land. */
export const placesOf = (routes: readonly DeadLetterRoute[]): ReadonlySet<string> =>
  new Set(routes.map(({ place }) => place))
