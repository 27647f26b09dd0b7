import { expect, test } from 'vitest'
import { resolveDeadLetterRoutes } from '#brokers/rabbitmq/dead-letter-routes.ts'
import type { BindingFacts, QueueFacts } from '#brokers/rabbitmq/management-api.ts'

const queue = (name: string, part: Partial<QueueFacts> = {}): QueueFacts => ({
  name,
  type: 'classic',
  durable: true,
  auto_delete: false,
  exclusive: false,
  arguments: {},
  consumers: 0,
  ...part,
})
const bind = (source: string, destination: string, key = '', type = 'queue'): BindingFacts => ({
  source,
  destination,
  destination_type: type,
  routing_key: key,
})
const pairs = (queues: readonly QueueFacts[], bindings: readonly BindingFacts[]) =>
  resolveDeadLetterRoutes(queues, bindings).map(({ origin, place }) => `${origin} -> ${place}`)

test('the default exchange leads to the queue that the routing key names', () => {
  const args = { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'orders.dead' }
  expect(pairs([queue('orders', { arguments: args }), queue('orders.dead')], [])).toEqual(['orders -> orders.dead'])
})

test('a policy counts as an argument does, and the argument goes first', () => {
  const policy = { 'dead-letter-exchange': 'by-policy' }
  const both = { arguments: { 'x-dead-letter-exchange': 'by-argument' }, effective_policy_definition: policy }
  const queues = [queue('a', both), queue('b', { effective_policy_definition: policy }), queue('p'), queue('q')]
  const bindings = [bind('by-policy', 'p'), bind('by-argument', 'q')]
  expect(pairs(queues, bindings)).toEqual(['a -> q', 'b -> p'])
})

test('exchanges bound to exchanges are followed, in circles too, and only the exact key where one is set', () => {
  const args = { 'x-dead-letter-exchange': 'dlx', 'x-dead-letter-routing-key': 'orders' }
  const queues = [queue('orders', { arguments: args }), queue('one'), queue('two'), queue('three')]
  const bindings = [
    bind('dlx', 'inner', 'orders', 'exchange'),
    bind('dlx', 'two', 'payments'),
    bind('inner', 'dlx', 'orders', 'exchange'),
    bind('inner', 'one', 'orders'),
    bind('inner', 'three', 'other'),
  ]
  expect(pairs(queues, bindings)).toEqual(['orders -> one'])
})

test('an exchange that leads nowhere, or back to the queue itself, makes no place', () => {
  const args = { 'x-dead-letter-exchange': 'dlx' }
  expect(pairs([queue('orders', { arguments: args })], [bind('dlx', 'orders'), bind('dlx', 'gone')])).toEqual([])
})
