import { expect, test } from 'vitest'
import { splitLines } from '#server/split-lines.ts'

async function* chunked(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text)
  for (let from = 0; from < bytes.length; from += size) yield bytes.slice(from, from + size)
}

async function linesOf(text: string, size: number, maxBytes = 100): Promise<string[]> {
  const lines: string[] = []
  for await (const { number, bytes } of splitLines(chunked(text, size), maxBytes)) {
    lines.push(`${number}:${new TextDecoder().decode(bytes)}`)
  }
  return lines
}

test.each([1, 2, 3, 7, 100])(
  'lines come out whole and numbered, however the stream is cut (%i bytes)',
  async (size) => {
    expect(await linesOf('één\r\n\nzwei\nlast', size)).toEqual(['1:één', '2:', '3:zwei', '4:last'])
    expect(await linesOf('one\n', size)).toEqual(['1:one'])
    expect(await linesOf('', size)).toEqual([])
  },
)

test('a line that is too long is refused before it is held, with its number', async () => {
  await expect(linesOf(`ok\n${'x'.repeat(11)}`, 4, 10)).rejects.toMatchObject({
    code: 'limit',
    message: expect.stringContaining('line 2'),
  })
})
