import { expect, test } from 'vitest'
import { attributeConsumer, type ConsumerSpan } from '#domain/flow/attribute-consumer.ts'
import { reader } from '#domain/flow/reader-story.ts'

const span = (over: Partial<ConsumerSpan> = {}): ConsumerSpan => ({
  service: 'mailer',
  destination: 'payments',
  consumerGroup: null,
  clientId: null,
  hosts: [],
  ...over,
})
const member = (clientId: string | null, host: string | null = null) => ({ clientId, host })
const email = reader({ members: [member('mail-1', '/10.0.0.5')] })
const shipping = reader({ group: 'shipping', members: [member('ship-1', '/10.0.0.6')] })

test.each([
  ['its own word', span({ consumerGroup: 'email' }), [email, shipping], 'email', 'said', 'the span names it'],
  ['a word the broker does not know', span({ consumerGroup: 'x' }), [email], 'x', 'said', 'does not know it there'],
  ['the client id of a member', span({ clientId: 'ship-1' }), [email, shipping], 'shipping', 'certain', 'ship-1'],
  ['a default client id', span({ clientId: 'consumer-email-3' }), [email, shipping], 'email', 'certain', 'contains'],
  ['the host of a member', span({ hosts: ['10.0.0.6'] }), [email, shipping], 'shipping', 'likely', '10.0.0.6'],
  ['the name of the service', span({ service: 'shipping' }), [email, shipping], 'shipping', 'likely', 'name'],
  [
    'the service as client id of a member',
    span({ service: 'mail-1' }),
    [email, shipping],
    'email',
    'likely',
    'service’s name as client id',
  ],
  [
    'being the only one',
    span(),
    [email, reader({ destination: 'orders' })],
    'email',
    'likely',
    'the only group on payments',
  ],
] as const)('a receiver is joined to a group by %s', (_, asked, readers, group, confidence, evidence) => {
  const found = attributeConsumer(asked, readers)
  expect(found).toMatchObject({ group, confidence })
  expect(found.evidence).toContain(evidence)
})

test('two groups that fit equally well leave it unknown, and the evidence names both', () => {
  const sameHost = [
    reader({ members: [member(null, '/10.0.0.5')] }),
    reader({ group: 'b', members: [member(null, '10.0.0.5')] }),
  ]
  const found = attributeConsumer(span({ hosts: ['10.0.0.5'] }), sameHost)
  expect(found).toMatchObject({ group: null, clusterId: null, confidence: 'unknown' })
  expect(found.evidence).toContain('email, b')
})

test('the same group on two clusters is two candidates', () => {
  expect(attributeConsumer(span(), [email, reader({ clusterId: 'k2' })]).group).toBeNull()
})

test('a stronger evidence decides between groups that a weaker one confuses', () => {
  const both = [
    reader({ members: [member('a', '/10.0.0.5')] }),
    reader({ group: 'b', members: [member('b-1', '/10.0.0.5')] }),
  ]
  expect(attributeConsumer(span({ clientId: 'b-1', hosts: ['10.0.0.5'] }), both).group).toBe('b')
})

test('the workers of a queue are its one group, whatever the span calls them', () => {
  const queue = reader({ destination: 'payments.email', group: 'payments.email', isQueue: true })
  const found = attributeConsumer(span({ destination: 'payments.email', consumerGroup: 'email' }), [queue])
  expect(found).toMatchObject({ group: 'payments.email', clusterId: 'k1', confidence: 'certain' })
})

test('without any known group nothing is made up', () => {
  expect(attributeConsumer(span(), [])).toMatchObject({ group: null, evidence: 'no group is known on payments' })
})
