import { expect, test } from 'vitest'
import { formatHexDump, hexOfText } from '#ui/format/hex-dump.ts'

test('a dump has offsets, bytes and what can be printed, in columns', () => {
  const lines = formatHexDump(hexOfText('Throughline, übrigens')).split('\n')
  expect(lines).toHaveLength(2)
  expect(lines[0]).toBe('000000  54 68 72 6f 75 67 68 6c 69 6e 65 2c 20 c3 bc 62  Throughline, ··b')
  expect(lines[1]).toBe('000010  72 69 67 65 6e 73                                rigens')
})

test('nothing gives nothing', () => {
  expect(formatHexDump('')).toBe('')
})
