import { type Check, spansOf } from '#domain/convention/finding.ts'
import { readNameGeneration } from '#domain/convention/name-generation.ts'
import type { MessagingSpan, ServiceSample } from '#domain/convention/observed-span.ts'

/** Systems whose readers share the messages of a destination by group; queues have none. */
const SYSTEMS_WITH_GROUPS: ReadonlySet<string> = new Set(['kafka', 'nats', 'pulsar', 'rocketmq', 'eventhubs', 'redis'])

const checkOldNames: Check = ({ messaging }) => {
  const old = messaging.filter(({ attributeKeys }) =>
    ['first', 'second', 'mixed'].includes(readNameGeneration(attributeKeys)),
  )
  if (old.length === 0) return null
  return {
    kind: 'old-names',
    severity: 'note',
    affected: spansOf(old),
    judgedCount: messaging.length,
    what: 'Facts stand under names that the conventions have given up.',
    cost: 'Nothing here: Throughline reads every generation. Dashboards that ask for the current names stay empty.',
  }
}

const checkSystem: Check = ({ messaging }) => {
  const nameless = messaging.filter(({ attributeKeys }) => !attributeKeys.includes('messaging.system'))
  if (nameless.length === 0) return null
  return {
    kind: 'system-missing',
    severity: 'note',
    affected: spansOf(nameless),
    judgedCount: messaging.length,
    what: 'Spans do not say which messaging system they speak to.',
    cost: 'The system is guessed from the names of the library; positions and groups of a broker are not matched with it.',
  }
}

const checkGroup: Check = ({ taken }) => {
  const judged = taken.filter(({ facts }) => SYSTEMS_WITH_GROUPS.has(facts.system))
  const missing = judged.filter(({ facts }) => facts.consumerGroup === null)
  if (missing.length === 0) return null
  return {
    kind: 'group-missing',
    severity: 'bad',
    affected: spansOf(missing),
    judgedCount: judged.length,
    what: 'Consumer spans do not name their consumer group.',
    cost: 'Deliveries are given to a group by who reads the destination; where two groups do, verdicts rest on broker positions alone.',
  }
}

const idOfFlow = ({ span }: MessagingSpan): string | null => span.correlationId

const checkConversation: Check = (sample) => {
  const judged = sample.messaging.filter(({ facts }) => facts.operation !== 'settle')
  const missing = judged.filter((one) => idOfFlow(one) === null && one.facts.conversationId === null)
  if (missing.length === 0) return null
  return {
    kind: 'conversation-missing',
    severity: 'warn',
    affected: spansOf(missing),
    judgedCount: judged.length,
    what: 'Spans carry no conversation id, nor any other correlation id.',
    cost: 'A flow cannot be found by its business id, and falls apart wherever its trace does.',
  }
}

/** A conversation id that is the id of the message changes at every hop. */
const checkConversationPerHop: Check = ({ messaging }) => {
  const judged = messaging.filter(({ facts }) => facts.conversationId !== null)
  const untrue = judged.filter(({ facts }) => facts.conversationId === facts.messageId || isEntryNumber(facts))
  if (untrue.length === 0) return null
  return {
    kind: 'conversation-per-hop',
    severity: 'warn',
    affected: spansOf(untrue),
    judgedCount: judged.length,
    what: 'The conversation id is the id of one message, new at every hop.',
    cost: 'It is not used as the key of a flow; without another id the flow cannot be found by its business id.',
  }
}

/** SQS batches number their entries `e1`, `e2` ...; boto3sqs writes that as conversation id. */
const isEntryNumber = ({ system, conversationId }: MessagingSpan['facts']): boolean =>
  system === 'aws_sqs' && /^[a-z]?\d{1,3}$/i.test(conversationId ?? '')

const isNameless = ({ facts }: MessagingSpan): boolean => facts.messageId === null && facts.offset === null

/** A span of one message; of several, the ids stand on links or on the spans below. */
const isOfOneMessage = ({ span, facts }: MessagingSpan, sample: ServiceSample): boolean =>
  (facts.batchCount === null ? span.links.length <= 1 : facts.batchCount === 1) &&
  !sample.childrenOf(span).some(({ messaging }) => messaging?.operation === 'process')

const checkIdentity: Check = (sample) => {
  const judged = [
    ...sample.sent.filter(({ facts, span }) => facts.operation === 'create' || span.kind === 'producer'),
    ...sample.taken.filter((one) => isOfOneMessage(one, sample)),
  ]
  const missing = judged.filter((one) => isNameless(one))
  if (missing.length === 0) return null
  const isTakerToo = missing.some(({ facts }) => facts.operation === 'receive' || facts.operation === 'process')
  return {
    kind: 'identity-missing',
    severity: isTakerToo ? 'bad' : 'warn',
    affected: spansOf(missing),
    judgedCount: judged.length,
    what: isTakerToo
      ? 'Spans name neither the id nor the position of their message.'
      : 'What is sent has neither an id nor a position on its span.',
    cost: isTakerToo
      ? 'The message cannot be read from the broker, and its retries and dead letters are joined by spans alone.'
      : 'Until somebody takes the message nobody can say where it waits: its place in the queue stays unknown.',
  }
}

/** What the attributes of a span say or leave out. */
export const NAME_CHECKS: readonly Check[] = [
  checkGroup,
  checkConversation,
  checkConversationPerHop,
  checkIdentity,
  checkSystem,
  checkOldNames,
]
