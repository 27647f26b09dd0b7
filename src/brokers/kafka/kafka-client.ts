import { Base, kGetApi, kGetBootstrapConnection, type API, type Connection } from '@platformatic/kafka'
import { abortable, refuseAborted } from '#brokers/abortable.ts'
import { type KafkaApiName, type KafkaApis, MINIMUM_VERSIONS } from '#brokers/kafka/kafka-apis.ts'
import type { KafkaConfiguration, KafkaSecret } from '#brokers/kafka/kafka-configuration.ts'
import { toKafkaFailure } from '#brokers/kafka/kafka-failure.ts'
import { connectionOptions } from '#brokers/kafka/kafka-sign-in.ts'
import { writeProduce, type Produce } from '#brokers/kafka/write-produce.ts'
import { Failure } from '#domain/failure.ts'

export interface KafkaNode {
  readonly host: string
  readonly port: number
}

/**
 * Raw requests over the client's own connections. The client's high-level calls are not used: several throw outside
 * their promise (which ends the process), hide groups, or fail as a whole for one bad topic. Here every answer with
 * error codes in it comes back as an answer; whoever asked looks at the codes.
 */
export interface KafkaClient {
  /** @throws Failure `broker-unavailable`, `forbidden` (sign-in), `invalid` (TLS); nothing was sent. */
  connect(node: KafkaNode | null, signal: AbortSignal): Promise<Connection>
  /** One request, not repeated. @throws Failure; when it is `broker-unavailable` the request may have been carried out. */
  request<Name extends KafkaApiName>(
    connection: Connection,
    name: Name,
    args: KafkaApis[Name]['request'],
  ): Promise<KafkaApis[Name]['response']>
  /** A Produce request of a batch that is encoded already; as {@link request}. */
  produce(connection: Connection, produce: Produce): Promise<KafkaApis['Produce']['response']>
  /** A request that only looks, so it is repeated once when a connection turned out to be dead. */
  look<Name extends KafkaApiName>(
    node: KafkaNode | null,
    name: Name,
    args: KafkaApis[Name]['request'],
    signal: AbortSignal,
  ): Promise<KafkaApis[Name]['response']>
  versionOf(name: KafkaApiName): Promise<number>
  close(): Promise<void>
}

const CONNECT_TIMEOUT_MS = 5_000
const REQUEST_TIMEOUT_MS = 15_000

export function createKafkaClient(configuration: KafkaConfiguration, secret: KafkaSecret): KafkaClient {
  const base = openBase(configuration, secret)
  let isClosed = false
  const apis = new Map<KafkaApiName, Promise<API<unknown[], unknown>>>()

  const apiOf = (name: KafkaApiName): Promise<API<unknown[], unknown>> => {
    const known = apis.get(name)
    if (known !== undefined) return known
    const asked = askApi(base, name)
    apis.set(name, asked)
    asked.catch(() => apis.delete(name))
    return asked
  }

  const refuseClosed = (): void => {
    if (isClosed) throw new Failure('broker-unavailable', 'the Kafka adapter is closed', { retryable: false })
  }

  const client: KafkaClient = {
    async connect(node, signal) {
      refuseAborted(signal)
      refuseClosed()
      const subject =
        node === null ? `Kafka at ${configuration.brokers.join(', ')}` : `Kafka broker ${node.host}:${node.port}`
      try {
        return await abortable(node === null ? anyConnection(base) : base.connections.get(node), signal)
      } catch (error) {
        throw toKafkaFailure(error, subject)
      }
    },
    async request<Name extends KafkaApiName>(connection: Connection, name: Name, args: KafkaApis[Name]['request']) {
      type Response = KafkaApis[Name]['response']
      try {
        const api = await apiOf(name)
        return (await api.async(connection, ...args)) as Response
      } catch (error) {
        const partial = partialAnswer(error)
        if (partial !== null) return partial as Response
        throw toKafkaFailure(error, `Kafka ${name}`)
      }
    },
    produce: (connection, produce) =>
      client.request(replaceEncoder(connection, produce), 'Produce', [produce.acks, produce.timeoutMs, []]),
    async look(node, name, args, signal) {
      for (let attempt = 0; ; attempt++) {
        const connection = await client.connect(node, signal)
        try {
          return await abortable(client.request(connection, name, args), signal)
        } catch (error) {
          const failure = toKafkaFailure(error, `Kafka ${name}`)
          if (attempt > 0 || signal.aborted || failure.code !== 'broker-unavailable') throw failure
        }
      }
    },
    versionOf: async (name) => (await apiOf(name)).version,
    async close() {
      if (isClosed) return
      isClosed = true
      await base.close()
    },
  }
  return client
}

/** The client's own encoder is left out, its choice of the version and its reading of the answer are not. */
function replaceEncoder(connection: Connection, produce: Produce): Connection {
  const send: Connection['send'] = (key, version, _encode, ...rest) =>
    connection.send(key, version, () => writeProduce(version, produce), ...rest)
  return { send } as Connection
}

function openBase(configuration: KafkaConfiguration, secret: KafkaSecret): Base {
  const base = new Base({
    clientId: configuration.clientId,
    bootstrapBrokers: [...configuration.brokers],
    connectTimeout: CONNECT_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    timeout: CONNECT_TIMEOUT_MS,
    // Used by the client for its version handshake alone; a fresh broker refuses the first call now and then.
    retries: 1,
    retryDelay: 100,
    ...connectionOptions(configuration, secret),
  })
  // The pool listens for one error per connection; a second one (a reset after a refused sign-in) would end the process.
  base.connections.on('connecting', ({ connection }) => connection.on('error', () => undefined))
  return base
}

/** The answer that the client wraps into an error as soon as one code in it is not 0; null when there is none. */
function partialAnswer(error: unknown): unknown {
  const holder = error as { readonly code?: unknown; readonly response?: unknown } | null
  return holder?.code === 'PLT_KFK_RESPONSE' && typeof holder.response === 'object' ? holder.response : null
}

/** One that is open already, so that an unreachable first broker does not cost its timeout at every call. */
const anyConnection = (base: Base): Promise<Connection> =>
  new Promise((resolve, reject) => {
    for (const [, open] of base.connections) if (open.isConnected()) return resolve(open)
    base[kGetBootstrapConnection]((error, connection) => {
      if (connection !== undefined && error === null) resolve(connection)
      else reject(error ?? new Error('no connection'))
    })
  })

async function askApi(base: Base, name: KafkaApiName): Promise<API<unknown[], unknown>> {
  const api = await new Promise<API<unknown[], unknown>>((resolve, reject) => {
    base[kGetApi]<unknown[], unknown>(name, (error, found) => {
      if (found !== undefined && error === null) resolve(found)
      else reject(error ?? new Error(`no version of ${name}`))
    })
  })
  if (api.version < (MINIMUM_VERSIONS[name] ?? 0)) {
    throw new Failure('unsupported', `Kafka is too old: it speaks ${name} only up to version ${api.version}`)
  }
  return api
}
