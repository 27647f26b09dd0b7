import { z } from 'zod'
import type { ConnectorPlace, ConnectorsFacet } from '#brokers/broker.ts'
import { askBounded, getBounded, parseJson } from '#brokers/get-bounded.ts'
import { connectGroup } from '#brokers/kafka/connect-dead-letters.ts'
import {
  type ConnectAddress,
  CONNECT_LIMIT_MS,
  type Connectors,
  readConnectors,
  toConnect,
} from '#brokers/kafka/read-connectors.ts'
import { createUnreadableList } from '#brokers/kafka/unreadable-list.ts'
import {
  type Connector,
  CONNECTOR_STATES,
  type ConnectorAct,
  type ConnectorOffset,
  type ConnectorState,
} from '#domain/connect/connector.ts'
import { Failure, toFailure } from '#domain/failure.ts'
import { maskText } from '#domain/masking/mask-text.ts'

const MAX_FAILURE_LENGTH = 300
/** Connect waits for its leader before it answers to a verb. */
const ACT_LIMIT_MS = 15_000

const offsetsSchema = z.object({
  offsets: z.array(
    z.object({
      partition: z.record(z.string(), z.unknown()),
      offset: z.record(z.string(), z.unknown()).nullable(),
    }),
  ),
})

/** The connectors of the Kafka Connect clusters of a Kafka cluster, by their REST interfaces. */
export function createConnectors(urls: readonly string[], basicAuth: string | undefined): ConnectorsFacet {
  const addressOf = (connect: string, limitMs = CONNECT_LIMIT_MS): ConnectAddress => {
    // The sign-in goes nowhere else than where it was meant for.
    if (!urls.includes(connect))
      throw new Failure('not-found', `the cluster is not registered with a Connect at ${connect}`)
    return { url: connect, basicAuth, limitMs }
  }
  const read = async (connect: string, signal: AbortSignal): Promise<readonly Connector[]> =>
    Object.entries(await readConnectors(connect, basicAuth, CONNECT_LIMIT_MS, signal)).map(([name, one]) =>
      toConnector(connect, name, one),
    )
  return {
    async read(signal) {
      const unreadable = createUnreadableList()
      const lists = await Promise.all(
        urls.map((connect) =>
          read(connect, signal).catch((error: unknown) => {
            unreadable.add('connectors of', connect, toFailure(error).message)
            return []
          }),
        ),
      )
      return { connectors: lists.flat(), unreadable: unreadable.entries() }
    },
    async readOne(place, signal) {
      addressOf(place.connect)
      const found = (await read(place.connect, signal)).find(({ name }) => name === place.connector)
      if (found === undefined) throw missing(place)
      return found
    },
    act: async (act, signal) => askForAct(addressOf(act.connect, ACT_LIMIT_MS), act, signal),
    readOffsets: async (place, signal) => readOffsets(addressOf(place.connect), place, signal),
  }
}

async function askForAct(address: ConnectAddress, act: ConnectorAct, signal: AbortSignal): Promise<void> {
  const { method, path } = requestOf(act)
  const who = `Connect at ${act.connect}`
  const asked = { ...toConnect(address, path, signal), who }
  const { status } = await askBounded(asked, method, [200, 202, 204, 400, 404, 405, 409])
  if (status === 404 || status === 405) throw missing(act)
  if (status === 400) {
    throw new Failure('conflict', `${who} refuses this for ${act.connector} in the state that it is in (HTTP 400)`)
  }
  if (status === 409) throw new Failure('broker-unavailable', `the workers of ${who} are rebalancing (HTTP 409)`)
}

async function readOffsets(
  address: ConnectAddress,
  { connect, connector }: ConnectorPlace,
  signal: AbortSignal,
): Promise<readonly ConnectorOffset[]> {
  const who = `Connect at ${connect}`
  const path = `connectors/${encodeURIComponent(connector)}/offsets`
  const { status, text } = await getBounded({ ...toConnect(address, path, signal), who })
  if (status === 404) {
    throw new Failure(
      'unsupported',
      `${who} shows no positions of ${connector}: it is not there, or Connect is too old`,
    )
  }
  const parsed = offsetsSchema.safeParse(parseJson(text))
  if (parsed.success) return parsed.data.offsets
  throw new Failure('invalid', `${who} gave an answer that is no list of positions`)
}

const missing = ({ connect, connector }: ConnectorPlace): Failure =>
  new Failure('not-found', `Connect at ${connect} has no connector ${connector}, or is too old for this`)

/** https://kafka.apache.org/documentation/#connect_rest */
function requestOf({ connector, verb, task }: ConnectorAct): { method: 'PUT' | 'POST' | 'DELETE'; path: string } {
  const base = `connectors/${encodeURIComponent(connector)}`
  switch (verb) {
    case 'pause':
    case 'resume':
    case 'stop':
      return { method: 'PUT', path: `${base}/${verb}` }
    case 'restart':
      return { method: 'POST', path: `${base}/restart?includeTasks=true&onlyFailed=false` }
    case 'restart-failed':
      return { method: 'POST', path: `${base}/restart?includeTasks=true&onlyFailed=true` }
    case 'restart-task':
      return { method: 'POST', path: `${base}/tasks/${task ?? 0}/restart` }
    case 'reset-offsets':
      return { method: 'DELETE', path: `${base}/offsets` }
  }
}

function toConnector(connect: string, name: string, { info, status }: Connectors[string]): Connector {
  const type = info.type === 'sink' || info.type === 'source' ? info.type : 'unknown'
  return {
    connect,
    name,
    type,
    className: info.config['connector.class']?.split('.').at(-1) ?? null,
    state: toState(status?.connector.state),
    failure: toReason(status?.connector.trace),
    tasks: (status?.tasks ?? [])
      .map((task) => ({
        id: task.id,
        state: toState(task.state),
        worker: task.worker_id ?? null,
        failure: toReason(task.trace),
      }))
      .toSorted((a, b) => a.id - b.id),
    group: type === 'sink' ? connectGroup(name, info.config) : null,
  }
}

const toState = (text: string | undefined): ConnectorState =>
  CONNECTOR_STATES.find((state) => state === text) ?? 'UNKNOWN'

/** A trace quotes what it likes, passwords too; its first line is what people go by. */
function toReason(trace: string | null | undefined): string | null {
  const line = trace?.split('\n')[0]?.trim() ?? ''
  return line === '' ? null : maskText(line).text.slice(0, MAX_FAILURE_LENGTH)
}
