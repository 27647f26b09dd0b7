import { z } from 'zod'
import { getBounded, parseJson } from '#brokers/get-bounded.ts'
import type { RabbitmqConfiguration, RabbitmqSecret } from '#brokers/rabbitmq/rabbitmq-configuration.ts'
import { Failure } from '#domain/failure.ts'

const LIMIT_MS = 15_000
const MAX_BYTES = 64 * 1024 * 1024

const table = z.record(z.string(), z.unknown())
const rate = z.object({ rate: z.number() }).partial().optional()

/** A queue as the management API lists it; what an older server or a quiet queue leaves out is absent. */
const queueSchema = z.object({
  name: z.string(),
  type: z.string().default('classic'),
  durable: z.boolean().default(true),
  auto_delete: z.boolean().default(false),
  exclusive: z.boolean().default(false),
  state: z.string().optional(),
  arguments: table.default({}),
  policy: z.string().nullish(),
  effective_policy_definition: z
    .union([table, z.array(z.unknown()).transform((): Record<string, unknown> => ({}))])
    .nullish(),
  messages_ready: z.number().optional(),
  messages_unacknowledged: z.number().optional(),
  consumers: z.number().default(0),
  head_message_timestamp: z.union([z.number(), z.string()]).nullish(),
  message_stats: z
    .object({
      ack: z.number().optional(),
      deliver_no_ack: z.number().optional(),
      get_no_ack: z.number().optional(),
      publish_details: rate,
      ack_details: rate,
    })
    .optional(),
})
export type QueueFacts = z.output<typeof queueSchema>

const bindingSchema = z.object({
  source: z.string(),
  destination: z.string(),
  destination_type: z.string(),
  routing_key: z.string(),
})
export type BindingFacts = z.output<typeof bindingSchema>

const exchangeSchema = z.object({ name: z.string(), type: z.string(), internal: z.boolean().default(false) })
export type ExchangeFacts = z.output<typeof exchangeSchema>

const consumerSchema = z.object({
  queue: z.object({ name: z.string() }),
  consumer_tag: z.string(),
  channel_details: z
    .union([
      z.object({ peer_host: z.string().optional(), connection_name: z.string().optional() }),
      z.array(z.unknown()),
    ])
    .optional(),
})
export type ConsumerFacts = z.output<typeof consumerSchema>

const overviewSchema = z.object({ rabbitmq_version: z.string().default('0'), cluster_name: z.string().default('') })

/** What the management API tells about one virtual host, read with GET alone. Figures are up to 5 s old. */
export interface ManagementApi {
  readOverview(signal: AbortSignal): Promise<z.output<typeof overviewSchema>>
  listQueues(signal: AbortSignal): Promise<readonly QueueFacts[]>
  /** @throws Failure `not-found` */
  readQueue(name: string, signal: AbortSignal): Promise<QueueFacts>
  listBindings(signal: AbortSignal): Promise<readonly BindingFacts[]>
  listExchanges(signal: AbortSignal): Promise<readonly ExchangeFacts[]>
  listConsumers(signal: AbortSignal): Promise<readonly ConsumerFacts[]>
}

export function openManagementApi(
  { managementUrl, vhost }: RabbitmqConfiguration,
  { username, password }: RabbitmqSecret,
): ManagementApi {
  const base = managementUrl.replace(/\/+$/, '')
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
  const host = encodeURIComponent(vhost)

  const ask = async <Schema extends z.ZodType>(
    path: string,
    schema: Schema,
    signal: AbortSignal,
  ): Promise<z.output<Schema>> => {
    const { status, text } = await getBounded({
      who: "RabbitMQ's management API",
      address: new URL(`${base}/api/${path}`),
      accept: 'application/json',
      authorization,
      limitMs: LIMIT_MS,
      maxBytes: MAX_BYTES,
      signal,
    })
    if (status === 404) throw new Failure('not-found', `RabbitMQ's management API does not know ${decodePath(path)}`)
    const parsed = schema.safeParse(parseJson(text))
    if (!parsed.success)
      throw new Failure('unsupported', `RabbitMQ's management API gives an unknown answer at ${path}`)
    return parsed.data
  }

  return {
    readOverview: (signal) => ask('overview', overviewSchema, signal),
    listQueues: (signal) => ask(`queues/${host}`, z.array(queueSchema), signal),
    readQueue: (name, signal) => ask(`queues/${host}/${encodeURIComponent(name)}`, queueSchema, signal),
    listBindings: (signal) => ask(`bindings/${host}`, z.array(bindingSchema), signal),
    listExchanges: (signal) => ask(`exchanges/${host}`, z.array(exchangeSchema), signal),
    listConsumers: (signal) => ask(`consumers/${host}`, z.array(consumerSchema), signal),
  }
}

const decodePath = (path: string): string => path.split('/').map(decodeURIComponent).join(' ')

/** An argument of the queue, else the setting of its policy, which has the same name without `x-`. */
export function settingOf(queue: QueueFacts, name: string): string | number | null {
  const value = queue.arguments[`x-${name}`] ?? queue.effective_policy_definition?.[name]
  return typeof value === 'string' || typeof value === 'number' ? value : null
}

const OWN_QUEUE = /^(?:amq\.|throughline\.)/
export const isInternalQueue = ({ name, exclusive }: QueueFacts): boolean => exclusive || OWN_QUEUE.test(name)
