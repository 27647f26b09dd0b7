import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListDeadLetterSourceQueuesCommand,
  ListQueuesCommand,
} from '@aws-sdk/client-sqs'
import { mapBounded } from '#brokers/sqs/map-bounded.ts'
import type { SqsClient } from '#brokers/sqs/sqs-client.ts'
import type { SqsConfiguration } from '#brokers/sqs/sqs-configuration.ts'
import { Failure, toFailure } from '#domain/failure.ts'

const KEPT_MS = 30_000
const MAX_KEPT = 10_000
const MAX_QUEUES = 10_000
const PAGE = 1_000
const AT_ONCE = 8
const NAME = /^[A-Za-z0-9_-]{1,80}(?:\.fifo)?$/

export interface RedrivePolicy {
  readonly place: string
  readonly maxReceiveCount: number
}

export interface QueueFacts {
  readonly name: string
  readonly url: string
  readonly attributes: Readonly<Partial<Record<string, string>>>
  readonly isFifo: boolean
  readonly redrive: RedrivePolicy | null
  readonly visible: number
  readonly inFlight: number
  readonly delayed: number
}

/** What could be read of one queue; a queue that was deleted meanwhile is in no list. */
export type QueueReading =
  | { readonly name: string; readonly facts: QueueFacts }
  | { readonly name: string; readonly failure: Failure }

/** Queues by their names: an account has each name once in a region. */
export interface QueueDirectory {
  /** The facts of every queue that is listed. @throws Failure when none could be read */
  readAll(signal: AbortSignal): Promise<readonly QueueReading[]>
  /** As it is now. @throws Failure `not-found` */
  read(name: string, signal: AbortSignal): Promise<QueueFacts>
  /** As it was less than half a minute ago. @throws Failure `not-found` */
  describe(name: string, signal: AbortSignal): Promise<QueueFacts>
  urlOf(name: string, signal: AbortSignal): Promise<string>
  /** Which queues send what they give up to this one. */
  listOrigins(name: string, signal: AbortSignal): Promise<readonly string[]>
  forget(name: string): void
}

export const queueOfUrl = (url: string): string => url.slice(url.lastIndexOf('/') + 1)
export const queueOfArn = (arn: string): string => arn.slice(arn.lastIndexOf(':') + 1)

export function createQueueDirectory(client: SqsClient, { queueNamePrefix }: SqsConfiguration): QueueDirectory {
  const urls = new Map<string, string>()
  const kept = new Map<string, { readonly facts: QueueFacts; readonly untilMs: number }>()
  const forget = (name: string): void => {
    for (const book of [urls, kept]) book.delete(name)
  }
  const keepUrl = (url: string): string => {
    urls.set(queueOfUrl(url), url)
    return queueOfUrl(url)
  }

  const urlOf = async (name: string, signal: AbortSignal): Promise<string> => {
    const known = urls.get(name)
    if (known !== undefined) return known
    if (!NAME.test(name)) throw noQueue(name)
    const ask = new GetQueueUrlCommand({ QueueName: name })
    const { QueueUrl: url } = await client.ask((sqs, options) => sqs.send(ask, options), signal)
    if (url === undefined) throw noQueue(name)
    keepUrl(url)
    return url
  }

  const read = async (name: string, signal: AbortSignal): Promise<QueueFacts> => {
    const url = await urlOf(name, signal)
    try {
      const ask = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] })
      const { Attributes: attributes } = await client.ask((sqs, options) => sqs.send(ask, options), signal)
      const facts = toFacts(name, url, attributes ?? {})
      if (kept.size >= MAX_KEPT) kept.clear()
      kept.set(name, { facts, untilMs: performance.now() + KEPT_MS })
      return facts
    } catch (error) {
      if (toFailure(error).code === 'not-found') forget(name)
      throw error
    }
  }

  return {
    urlOf,
    read,
    forget,
    async describe(name, signal) {
      const known = kept.get(name)
      return known !== undefined && performance.now() < known.untilMs ? known.facts : read(name, signal)
    },
    async readAll(signal) {
      const names = (await listUrls(client, queueNamePrefix, signal)).map(keepUrl)
      const readings = await mapBounded(names, AT_ONCE, async (name): Promise<QueueReading> => {
        try {
          return { name, facts: await read(name, signal) }
        } catch (error) {
          signal.throwIfAborted()
          return { name, failure: toFailure(error) }
        }
      })
      const there = readings.filter((one) => !('failure' in one) || one.failure.code !== 'not-found')
      const failed = there.find((one) => 'failure' in one)
      if (failed !== undefined && there.every((one) => 'failure' in one)) throw failed.failure
      return there
    },
    listOrigins: async (name, signal) => listOriginsOf(client, await urlOf(name, signal), signal),
  }
}

async function listUrls(
  client: SqsClient,
  prefix: string | undefined,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const urls: string[] = []
  let token: string | undefined
  do {
    const page = new ListQueuesCommand({ QueueNamePrefix: prefix, MaxResults: PAGE, NextToken: token })
    const answer = await client.ask((sqs, options) => sqs.send(page, options), signal)
    urls.push(...(answer.QueueUrls ?? []))
    token = answer.NextToken
  } while (token !== undefined && urls.length < MAX_QUEUES)
  return urls
}

async function listOriginsOf(client: SqsClient, url: string, signal: AbortSignal): Promise<readonly string[]> {
  const origins: string[] = []
  let token: string | undefined
  do {
    const ask = new ListDeadLetterSourceQueuesCommand({ QueueUrl: url, MaxResults: PAGE, NextToken: token })
    const answer = await client.ask((sqs, options) => sqs.send(ask, options), signal)
    origins.push(...(answer.queueUrls ?? []).map(queueOfUrl))
    token = answer.NextToken
  } while (token !== undefined && origins.length < MAX_QUEUES)
  return origins
}

function noQueue(name: string): Failure {
  const hint = /^(?:https?:|arn:)/.test(name)
    ? ': a queue is named by its name alone, and queues of another account or region are a cluster of their own'
    : ''
  return new Failure('not-found', `there is no queue ${name}${hint}`)
}

function toFacts(name: string, url: string, attributes: Readonly<Partial<Record<string, string>>>): QueueFacts {
  const count = (attribute: string): number => Number(attributes[attribute] ?? 0)
  return {
    name,
    url,
    attributes,
    isFifo: attributes['FifoQueue'] === 'true' || name.endsWith('.fifo'),
    redrive: readRedrivePolicy(attributes['RedrivePolicy']),
    visible: count('ApproximateNumberOfMessages'),
    inFlight: count('ApproximateNumberOfMessagesNotVisible'),
    delayed: count('ApproximateNumberOfMessagesDelayed'),
  }
}

/** null for a queue without one, and for one that cannot be read. */
export function readRedrivePolicy(text: string | undefined): RedrivePolicy | null {
  if (text === undefined || text === '') return null
  try {
    const policy = JSON.parse(text) as { readonly deadLetterTargetArn?: unknown; readonly maxReceiveCount?: unknown }
    if (typeof policy.deadLetterTargetArn !== 'string') return null
    const maxReceiveCount = Number(policy.maxReceiveCount)
    return { place: queueOfArn(policy.deadLetterTargetArn), maxReceiveCount }
  } catch {
    // Nothing that SQS would have taken; the text itself is among the queue's settings.
    return null
  }
}
