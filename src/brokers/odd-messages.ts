import type { OutgoingMessage } from '#brokers/broker.ts'

const text = (words: string): Uint8Array => new TextEncoder().encode(words)
const BINARY = Uint8Array.from([0, 255, 128, 10, 13, 0, 254, 237, 250, 206])

const message = (odd: Partial<OutgoingMessage>): OutgoingMessage => ({
  destination: '',
  lane: null,
  key: null,
  headers: [],
  payload: text('{}'),
  timestampMs: null,
  idempotencyId: '00000000-0000-4000-8000-000000000000',
  ...odd,
})

/** What a broker of bytes must carry unchanged: the cases in which careless copying loses something. For contract tests. */
export const ODD_MESSAGES: readonly OutgoingMessage[] = [
  message({ key: text('k'), payload: null }),
  message({ key: BINARY, payload: BINARY }),
  message({ key: text(''), payload: text('') }),
  message({
    headers: [
      { name: 'same', value: text('first') },
      { name: 'same', value: text('second') },
      { name: 'null', value: null },
      { name: 'empty', value: text('') },
      { name: 'binary', value: BINARY },
      { name: 'ключ', value: text('значение') },
      { name: '', value: text('nameless') },
    ],
  }),
  message({ key: text('old'), timestampMs: 1_500_000_000_123 }),
  message({ payload: text('x'.repeat(200_000)) }),
]
