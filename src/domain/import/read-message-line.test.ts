import fc from 'fast-check'
import { expect, test } from 'vitest'
import { testLetter } from '#domain/export/test-letter.ts'
import { writeMessageLine } from '#domain/export/write-message-line.ts'
import { readMessageLine } from '#domain/import/read-message-line.ts'

const SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31)

const bytes = fc.option(fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.string({ unit: 'binary' }).map(encode)))

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

test(`whatever an export writes is read back to the byte (FUZZ_SEED=${SEED})`, () => {
  const header = fc.record({
    name: fc.string({ unit: 'grapheme' }).filter((name) => !name.includes('\0')),
    value: bytes,
  })
  fc.assert(
    fc.property(bytes, fc.array(header, { maxLength: 5 }), bytes, (key, headers, payload) => {
      const line = writeMessageLine(testLetter({ key, headers, payload }))
      expect(line.indexOf('\n')).toBe(line.length - 1)
      const { originDestination: _, correlationId: __, ...read } = readMessageLine(line)
      expect(read).toEqual({ key, headers, payload })
    }),
    { seed: SEED, numRuns: 500 },
  )
})

const good = writeMessageLine(testLetter({ key: encode('k'), payload: encode('p') }))
const change = (part: Record<string, unknown>): string => JSON.stringify({ ...JSON.parse(good), ...part })

test.each([
  ['nothing of JSON', '{"format"', 'not JSON'],
  ['a list', '[]', 'not an object'],
  ['another format', change({ format: 'throughline-dead-letter/2' }), 'format is not'],
  ['no headers', change({ headers: undefined }), 'headers is missing'],
  ['a payload that is only its beginning', change({ isPayloadCut: true }), 'only the beginning'],
  ['a payload that is bare text', change({ payload: 'text' }), 'payload is missing or not'],
  ['a payload that is both', change({ payload: { text: 'a', base64: 'YQ==' } }), 'payload is missing or not'],
  ['base64 with something else in it', change({ key: { base64: 'YQ=\n=' } }), 'key.base64 is not base64'],
  ['base64 with bits to spare', change({ key: { base64: 'YR==' } }), 'key.base64 is not base64'],
  ['half a surrogate', change({ payload: { text: '\ud800' } }), 'payload.text is not Unicode'],
  ['a header named NUL', change({ headers: [{ name: 'a\0', value: null }] }), 'headers[0].name holds'],
  ['a header without a value', change({ headers: [{ name: 'a' }] }), 'headers.0.value is missing'],
])('%s is refused, with the reason and without its content', (_, text, reason) => {
  expect(() => readMessageLine(text)).toThrow(reason)
})

test('facts that do not belong to the message may be missing, and a prototype in the text stays text', () => {
  const text = `{"format":"throughline-dead-letter/1","key":null,"headers":[],"payload":{"text":"{}"},"__proto__":{"key":1}}`
  expect(readMessageLine(text)).toMatchObject({ key: null, originDestination: null, correlationId: null })
})
