import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
  type Message,
  type SendMessageBatchRequestEntry,
} from '@aws-sdk/client-sqs'
import type { OutgoingMessage } from '#brokers/broker.ts'
import type { BrokerHarness } from '#brokers/contract-harness.ts'
import { openBroker } from '#brokers/registry.ts'
import { sqsOddMessages } from '#brokers/sqs/sqs-odd-messages.ts'

export const registrationOf = (endpoint: string) => ({
  configuration: { region: 'eu-west-1', endpoint },
  secret: { accessKeyId: 'test', secretAccessKey: 'test' },
})

/** The bare client of AWS beside the adapter. */
export const connectOther = (endpoint: string): SQSClient =>
  new SQSClient({ region: 'eu-west-1', endpoint, credentials: registrationOf(endpoint).secret })

export async function createQueue(
  sqs: SQSClient,
  name: string,
  attributes: Readonly<Record<string, string>> = {},
): Promise<string> {
  const fifo = name.endsWith('.fifo') ? { FifoQueue: 'true' } : {}
  const { QueueUrl: url = '' } = await sqs.send(
    new CreateQueueCommand({ QueueName: name, Attributes: { ...fifo, ...attributes } }),
  )
  return url
}

export async function readAttributes(sqs: SQSClient, url: string): Promise<Readonly<Partial<Record<string, string>>>> {
  const answer = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] }))
  return answer.Attributes ?? {}
}

/** Receives exactly so many. @throws Error when there are fewer */
export async function receiveMessages(sqs: SQSClient, url: string, count: number, hiddenS = 60): Promise<Message[]> {
  const taken: Message[] = []
  while (taken.length < count) {
    const answer = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: url,
        MaxNumberOfMessages: Math.min(10, count - taken.length),
        VisibilityTimeout: hiddenS,
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['All'],
      }),
    )
    const messages = answer.Messages ?? []
    if (messages.length === 0) throw new Error(`there are only ${taken.length} messages`)
    taken.push(...messages)
  }
  return taken
}

export async function deleteMessages(sqs: SQSClient, url: string, messages: readonly Message[]): Promise<void> {
  for (let at = 0; at < messages.length; at += 10) {
    const entries = messages.slice(at, at + 10).map((one, id) => ({ Id: `${id}`, ReceiptHandle: one.ReceiptHandle }))
    const answer = await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: url, Entries: entries }))
    if ((answer.Failed ?? []).length > 0) throw new Error('a message could not be deleted')
  }
}

type Entry = Omit<SendMessageBatchRequestEntry, 'Id'>

const entryOf = ({ payload, key, idempotencyId }: OutgoingMessage, isFifo: boolean): Entry => ({
  MessageBody: Buffer.from(payload ?? '').toString(),
  ...(isFifo && {
    MessageGroupId: key === null ? idempotencyId : Buffer.from(key).toString(),
    MessageDeduplicationId: idempotencyId,
  }),
})

function numberedEntry(ordinal: number, isFifo: boolean): Entry {
  const id = crypto.randomUUID()
  const fifo = isFifo ? { MessageGroupId: id, MessageDeduplicationId: id } : {}
  return { MessageBody: JSON.stringify({ ordinal }), ...fifo }
}

/** The time of a message is all that a standard queue can be ordered by. */
async function waitForNextMs(): Promise<void> {
  for (const nowMs = Date.now(); Date.now() <= nowMs;) await new Promise((resolve) => setImmediate(resolve))
}

async function sendApart(sqs: SQSClient, url: string, entries: readonly Entry[]): Promise<void> {
  for (const entry of entries) {
    await sqs.send(new SendMessageCommand({ QueueUrl: url, ...entry }))
    await waitForNextMs()
  }
}

/** A header of a name that SQS has no attributes of. */
const refusedMessage = (destination: string): OutgoingMessage => ({
  destination,
  lane: null,
  key: null,
  headers: [{ name: 'not a name', value: Buffer.from('x') }],
  payload: Buffer.from('{}'),
  timestampMs: null,
  idempotencyId: crypto.randomUUID(),
})

/** The laws' harness over queues of one type. */
export function createSqsHarness(endpoint: string, other: () => SQSClient, type: 'standard' | 'fifo'): BrokerHarness {
  let made = 0
  let latest = ''
  const isFifo = type === 'fifo'
  const suffix = isFifo ? '.fifo' : ''
  const odd = new Map<string, Entry>()
  const urlOf = (name: string): string => `${endpoint}/000000000000/${name}`
  const placeOf = (origin: string): string => `${origin.replace(/\.fifo$/, '')}-dead${suffix}`
  const limitReceives = (origin: string, maxReceiveCount: number) => {
    const policy = { deadLetterTargetArn: `arn:aws:sqs:eu-west-1:000000000000:${placeOf(origin)}`, maxReceiveCount }
    const attributes = { RedrivePolicy: JSON.stringify(policy) }
    return other().send(new SetQueueAttributesCommand({ QueueUrl: urlOf(origin), Attributes: attributes }))
  }
  return {
    open: () => openBroker({ clusterId: 'contract', kind: 'sqs', ...registrationOf(endpoint) }),
    // A queue's workers are its one group.
    uniqueName: (hint) => (hint === 'group' ? latest : `${type}_${hint}-${made++}${suffix}`),
    createDestination: async (name) => {
      latest = name
      await createQueue(other(), name)
      await createQueue(other(), placeOf(name))
    },
    produce: (queue, messages) =>
      sendApart(
        other(),
        urlOf(queue),
        messages.map((message) => odd.get(message.idempotencyId) ?? entryOf(message, isFifo)),
      ),
    consumeAndCommit: async (_group, queue, count) => {
      const taken = await receiveMessages(other(), urlOf(queue), count)
      await deleteMessages(other(), urlOf(queue), taken)
    },
    /** What waits there already is held meanwhile; a second receive moves the new ones. */
    deadLetter: async (origin, count) => {
      const url = urlOf(origin)
      const waiting = Number((await readAttributes(other(), url))['ApproximateNumberOfMessages'])
      const held = await receiveMessages(other(), url, waiting, 120)
      await limitReceives(origin, 1)
      const entries = Array.from({ length: count }, (_, ordinal) => numberedEntry(ordinal, isFifo))
      await sendApart(other(), url, entries)
      for (let left = -1; left !== 0;) {
        await other().send(new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10, VisibilityTimeout: 0 }))
        left = Number((await readAttributes(other(), url))['ApproximateNumberOfMessages'])
      }
      await limitReceives(origin, 1_000)
      for (const { ReceiptHandle: handle } of held) await makeVisible(other(), url, handle)
      return placeOf(origin)
    },
    fingerprint: async (queue) => readAttributes(other(), urlOf(queue)),
    oddMessages: (destination) =>
      sqsOddMessages(destination, isFifo).map(({ message, entry }) => {
        odd.set(message.idempotencyId, entry)
        return message
      }),
    refusedMessage,
    lacks: { timestamps: true, order: true },
  }
}

async function makeVisible(sqs: SQSClient, url: string, handle: string | undefined): Promise<void> {
  await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl: url, ReceiptHandle: handle, VisibilityTimeout: 0 }))
}
