import type { ConsumerGroup, Destination, GroupMember, Inventory, Unreadable } from '#brokers/broker.ts'
import { placesOf, resolveDeadLetterRoutes, type DeadLetterRoute } from '#brokers/rabbitmq/dead-letter-routes.ts'
import {
  isInternalQueue,
  settingOf,
  type BindingFacts,
  type ConsumerFacts,
  type ExchangeFacts,
  type QueueFacts,
} from '#brokers/rabbitmq/management-api.ts'
import { exchangeDestination } from '#brokers/rabbitmq/prepare-content.ts'
import type { RabbitmqReach } from '#brokers/rabbitmq/rabbitmq-reach.ts'
import { toFailure } from '#domain/failure.ts'

/**
 * Queues and exchanges of the virtual host. A queue's consumers are its one group and bear its name; a place of dead
 * letters has none, as what lies there waits for a person.
 */
export async function readRabbitmqInventory({ management }: RabbitmqReach, signal: AbortSignal): Promise<Inventory> {
  const unreadable: Unreadable[] = []
  const orNothing = async <Item>(subject: string, list: Promise<readonly Item[]>): Promise<readonly Item[]> => {
    try {
      return await list
    } catch (error) {
      signal.throwIfAborted()
      unreadable.push({ subject, reason: toFailure(error).message })
      return []
    }
  }
  const [queues, bindings, exchanges, consumers] = await Promise.all([
    management.listQueues(signal),
    orNothing('bindings', management.listBindings(signal)),
    orNothing('exchanges', management.listExchanges(signal)),
    orNothing('consumers', management.listConsumers(signal)),
  ])
  const routes = resolveDeadLetterRoutes(queues, bindings)
  const places = placesOf(routes)
  const byQueue = Map.groupBy(consumers, ({ queue }) => queue.name)
  return {
    destinations: [
      ...queues.map((queue) => describeQueue(queue, bindings, routes)),
      ...exchanges.filter(({ name }) => name !== '' && !name.startsWith('amq.')).map(describeExchange),
    ],
    groups: queues
      .filter((queue) => !isInternalQueue(queue) && !places.has(queue.name))
      .map((queue) => describeGroup(queue, byQueue.get(queue.name) ?? [])),
    unreadable,
  }
}

function describeQueue(
  queue: QueueFacts,
  bindings: readonly BindingFacts[],
  routes: readonly DeadLetterRoute[],
): Destination {
  const ttl = settingOf(queue, 'message-ttl')
  const maxLength = settingOf(queue, 'max-length') ?? settingOf(queue, 'max-length-bytes')
  const deadLettersTo = routes.filter(({ origin }) => origin === queue.name).map(({ place }) => place)
  const boundTo = bindings
    .filter((one) => one.destination_type === 'queue' && one.destination === queue.name && one.source !== '')
    .map((one) => `${one.source} (${one.routing_key})`)
  return {
    name: queue.name,
    kind: queue.type === 'stream' ? 'stream' : 'queue',
    isInternal: isInternalQueue(queue),
    lanes: [''],
    retentionMs: typeof ttl === 'number' ? ttl : null,
    hasSizeLimit: maxLength !== null && settingOf(queue, 'overflow') !== 'reject-publish',
    settings: {
      type: queue.type,
      state: queue.state ?? null,
      durable: String(queue.durable),
      policy: queue.policy ?? null,
      boundTo: boundTo.length === 0 ? null : boundTo.slice(0, 20).join(', '),
      deadLettersLandIn: deadLettersTo.length === 0 ? null : deadLettersTo.join(', '),
      ...asText(queue.arguments),
      ...asText(queue.effective_policy_definition ?? {}),
    },
  }
}

const asText = (values: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
  )

const describeExchange = ({ name, type, internal }: ExchangeFacts): Destination => ({
  name: exchangeDestination(name),
  kind: 'topic',
  isInternal: internal,
  lanes: [''],
  retentionMs: null,
  settings: { type: `${type} exchange` },
})

function describeGroup(queue: QueueFacts, consumers: readonly ConsumerFacts[]): ConsumerGroup {
  return {
    name: queue.name,
    state: queue.consumers > 0 ? 'stable' : 'empty',
    protocol: 'amqp',
    members: consumers.map((consumer) => describeMember(queue.name, consumer)),
    destinations: [queue.name],
  }
}

function describeMember(queue: string, { consumer_tag: id, channel_details: details }: ConsumerFacts): GroupMember {
  const channel = details === undefined || Array.isArray(details) ? {} : details
  return {
    id,
    clientId: channel.connection_name ?? null,
    host: channel.peer_host ?? null,
    assignments: [{ destination: queue, lanes: [''] }],
  }
}
