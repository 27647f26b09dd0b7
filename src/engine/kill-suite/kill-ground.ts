import type { Broker, OutgoingMessage } from '#brokers/broker.ts'
import { headerText, ITEM_HEADER, OPERATION_HEADER, type BrokerMessage } from '#domain/message.ts'
import { printPosition, type Position } from '#domain/position.ts'
import type { SeededLetter } from '#engine/engine-fixture.ts'
import type { ExpectedMessage, FoundCopy } from '#engine/kill-suite/check-copies.ts'

/** A real broker to kill the engine on. */
export interface KillGround {
  readonly kind: string
  readonly configuration: unknown
  readonly secret: unknown
  readonly broker: Broker
  /** Whether a dead letter leaves its place when its copy is confirmed. */
  readonly isEmptied: boolean
  /** Whether the broker promises no order, so that none is looked for. Absent = messages of a key stay in order. */
  readonly isUnordered?: boolean
  /** A destination and its dead-letter place, both empty. */
  createPlace(): Promise<{ readonly origin: string; readonly source: string }>
  /** The `order`-th dead letter of a key, unique and as that broker carries it. */
  makeMessage(source: string, id: string, key: string): OutgoingMessage
  /** What has to survive of a message, without what a redrive may change. */
  readIdentity(message: Pick<BrokerMessage, 'payload' | 'headers'>): { readonly id: string; readonly digest: string }
}

export interface SeededPlace {
  readonly origin: string
  readonly source: string
  readonly expected: readonly ExpectedMessage[]
  readonly letters: readonly SeededLetter[]
  /** As they were put at the source. */
  readonly messages: readonly OutgoingMessage[]
}

const LIMIT_MS = 60_000
const SEND_AT_ONCE = 1_000

/** `count` dead letters over `keyCount` keys, in turn. */
export async function seedPlace(ground: KillGround, count: number, keyCount: number): Promise<SeededPlace> {
  const { origin, source } = await ground.createPlace()
  const expected: ExpectedMessage[] = []
  const letters: SeededLetter[] = []
  const sent: OutgoingMessage[] = []
  for (let from = 0; from < count; from += SEND_AT_ONCE) {
    const part = Array.from({ length: Math.min(SEND_AT_ONCE, count - from) }, (_, at) => from + at)
    const messages = part.map((at) => ground.makeMessage(source, `m-${at}`, `key-${at % keyCount}`))
    const positions = await sendAll(ground, messages)
    sent.push(...messages)
    for (const [index, message] of messages.entries()) {
      const position = positions[index]
      if (position === undefined) throw new Error('a dead letter has no position')
      const order = part[index] ?? 0
      const key = ground.isUnordered === true ? null : `key-${order % keyCount}`
      expected.push({ ...ground.readIdentity(message), key, order })
      letters.push({ position: printPosition(position), key: message.key, originDestination: origin })
    }
  }
  return { origin, source, expected, letters, messages: sent }
}

/** Sends until all are taken; what a place that was made a moment ago refuses for now is sent again. */
export async function sendAll(ground: KillGround, messages: readonly OutgoingMessage[]): Promise<readonly Position[]> {
  const positions: Position[] = []
  const signal = AbortSignal.timeout(LIMIT_MS)
  let left = messages.map((message, at) => ({ message, at }))
  while (left.length > 0) {
    const results = await ground.broker.send.send(
      left.map(({ message }) => message),
      signal,
    )
    left = left.filter(({ at }, index) => {
      const result = results[index]
      if (result?.outcome === 'confirmed' && result.position !== null) positions[at] = result.position
      else if (result?.outcome !== 'refused' || !(result.failure.retryable || result.failure.code === 'not-found')) {
        throw new Error('a dead letter was not taken', { cause: result })
      }
      return positions[at] === undefined
    })
  }
  return positions
}

/** Everything that lies at a destination now, lane by lane in order. */
export async function readAll(broker: Broker, destination: string): Promise<readonly BrokerMessage[]> {
  const source = broker.replaySource
  if (source === undefined) throw new Error(`${broker.kind} cannot read a destination`)
  const signal = AbortSignal.timeout(LIMIT_MS)
  const ranges = await source.resolve(destination, 0, Date.now() + LIMIT_MS, signal)
  const messages: BrokerMessage[] = []
  for await (const page of source.read(destination, ranges, { maxMessages: 2_000, maxBytes: 16_000_000 }, signal)) {
    messages.push(...page.messages)
  }
  return messages
}

export const toFoundCopy = (ground: KillGround, message: BrokerMessage): FoundCopy => ({
  ...ground.readIdentity(message),
  key: message.key === null ? null : new TextDecoder().decode(message.key),
  operationId: headerText(message.headers, OPERATION_HEADER),
  item: headerText(message.headers, ITEM_HEADER),
})

export async function readFoundCopies(ground: KillGround, destination: string): Promise<readonly FoundCopy[]> {
  return (await readAll(ground.broker, destination)).map((message) => toFoundCopy(ground, message))
}
