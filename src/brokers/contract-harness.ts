import { expect } from 'vitest'
import type { Broker, MessagePage, OutgoingMessage, PageBound } from '#brokers/broker.ts'
import { Failure } from '#domain/failure.ts'
import type { BrokerMessage } from '#domain/message.ts'
import type { Position } from '#domain/position.ts'

/**
 * What an adapter's test supplies so that the laws can be tried on the real broker. Everything here goes around the
 * adapter (another client, SQL), so that an adapter cannot agree with itself alone.
 */
export interface BrokerHarness {
  /** A fresh adapter over the installation; the battery closes it. */
  open(): Promise<Broker>
  uniqueName(hint: string): string
  /** Makes a destination; `deadLetterPlace` makes it one that `deadLetters.find` has to find, for that origin. */
  createDestination(name: string, options?: { lanes?: number; deadLettersOf?: string }): Promise<void>
  /** Puts messages there, outside the adapter; answers when they are durable. */
  produce(destination: string, messages: readonly OutgoingMessage[]): Promise<void>
  /** A consumer of the group takes and confirms `count` messages, then leaves. */
  consumeAndCommit(group: string, destination: string, count: number): Promise<void>
  /** A group that is known to the broker for the destination and has confirmed nothing; absent where none can exist. */
  joinWithoutCommit?(group: string, destination: string): Promise<() => Promise<void>>
  /** The name of the dead-letter place of the origin and `count` messages put there as that broker does it. */
  deadLetter(origin: string, count: number): Promise<string>
  /** Everything that looking might change (groups, positions, states, counters), in a form that can be compared. */
  fingerprint(destination: string): Promise<unknown>
  /** The hardest messages that the broker can hold: null and duplicate headers, binary, tombstones, old timestamps. */
  oddMessages(destination: string): readonly OutgoingMessage[]
  /** A message among good ones that the broker refuses by itself; absent where nothing can be refused alone. */
  refusedMessage?(destination: string): OutgoingMessage
  /** What the broker promises to nobody, or does not show in what it lets be read. */
  readonly lacks?: { readonly timestamps?: boolean; readonly order?: boolean }
}

export const BOUND: PageBound = { maxMessages: 7, maxBytes: 1_000_000 }
export const encoder = new TextEncoder()

/** A plain message whose payload is a JSON number, which every broker can hold. */
export const plainMessage = (destination: string, ordinal: number, lane: string | null = null): OutgoingMessage => ({
  destination,
  lane,
  key: null,
  headers: [],
  payload: encoder.encode(JSON.stringify({ ordinal })),
  timestampMs: null,
  idempotencyId: crypto.randomUUID(),
})

export const plainMessages = (destination: string, count: number): OutgoingMessage[] =>
  Array.from({ length: count }, (_, ordinal) => plainMessage(destination, ordinal))

export const ordinalOf = (message: BrokerMessage): number =>
  (JSON.parse(new TextDecoder().decode(message.payload ?? encoder.encode('{"ordinal":-1}'))) as { ordinal: number })
    .ordinal

export const ordinals = (messages: readonly BrokerMessage[]): number[] =>
  messages.map(ordinalOf).toSorted((a, b) => a - b)
export const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index)
export const signalOf = (ms = 60_000): AbortSignal => AbortSignal.timeout(ms)
const hex = (bytes: Uint8Array | null): string | null => (bytes === null ? null : Buffer.from(bytes).toString('hex'))

export const visible = (message: Pick<BrokerMessage, 'key' | 'headers' | 'payload'>) => ({
  key: hex(message.key),
  payload: hex(message.payload),
  headers: message.headers.map((header) => [header.name, hex(header.value)]),
})

export async function collect(
  pages: AsyncIterable<MessagePage>,
): Promise<{ messages: BrokerMessage[]; pages: MessagePage[] }> {
  const all: MessagePage[] = []
  for await (const page of pages) all.push(page)
  return { messages: all.flatMap((page) => [...page.messages]), pages: all }
}

export async function failureOf(promise: Promise<unknown>): Promise<Failure> {
  const thrown = await promise.then(
    (value) => expect.fail(`should have failed, answered ${JSON.stringify(value)?.slice(0, 200)}`),
    (error: unknown) => error,
  )
  expect(thrown).toBeInstanceOf(Failure)
  return thrown as Failure
}

/** Positions of confirmed sends; fails on anything else. */
export async function sendAll(broker: Broker, messages: readonly OutgoingMessage[]): Promise<Position[]> {
  const results = await broker.send.send(messages, signalOf())
  return results.map((result) => {
    if (result.outcome !== 'confirmed') throw result.failure
    if (result.position === null) throw new Error('confirmed without a position')
    return result.position
  })
}

/** What a group of laws gets: the harness, the adapter once it is open, and short ways to do common things. */
export interface LawBench {
  readonly harness: BrokerHarness
  /** The adapter; opened before the first law runs. */
  readonly broker: () => Broker
  /** A destination that nobody else uses. */
  readonly fresh: (hint: string, options?: { lanes?: number }) => Promise<string>
  /** All messages there, by the replay source; empty where the broker has none. */
  readonly readEverything: (destination: string) => Promise<BrokerMessage[]>
}
