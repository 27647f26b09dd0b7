import fc from 'fast-check'
import { expect, test } from 'vitest'
import { testLetter } from '#domain/export/test-letter.ts'
import { writeMessageLine, type WrittenBytes } from '#domain/export/write-message-line.ts'

const LETTER = testLetter()

const readBytes = (written: WrittenBytes): number[] | null => {
  if (written === null) return null
  return [...('text' in written ? Buffer.from(written.text) : Buffer.from(written.base64, 'base64'))]
}

test('whatever the bytes are, they come back from the line, in one line', () => {
  const bytes = fc.option(fc.uint8Array({ maxLength: 40 }))
  const headers = fc.array(fc.record({ name: fc.string(), value: bytes }), { maxLength: 4 })
  fc.assert(
    fc.property(bytes, headers, bytes, (key, given, payload) => {
      const line = writeMessageLine({ ...LETTER, key, headers: given, payload })
      expect(line.indexOf('\n')).toBe(line.length - 1)
      const read = JSON.parse(line)
      expect(readBytes(read.key)).toEqual(key && [...key])
      expect(readBytes(read.payload)).toEqual(payload && [...payload])
      expect(read.headers.map((header: { name: string }) => header.name)).toEqual(given.map(({ name }) => name))
      expect(read.headers.map((header: { value: WrittenBytes }) => readBytes(header.value))).toEqual(
        given.map(({ value }) => value && [...value]),
      )
    }),
  )
})

test('text stays readable, a byte order mark included', () => {
  const read = JSON.parse(writeMessageLine({ ...LETTER, payload: new TextEncoder().encode('\ufeff{"a":1}') }))
  expect(read).toMatchObject({ payload: { text: '\ufeff{"a":1}' }, key: null, deadAt: '1970-01-01T00:00:00.000Z' })
})
