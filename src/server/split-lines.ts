import { Failure } from '#domain/failure.ts'

const LF = 0x0a
const CR = 0x0d

export interface Line {
  /** From 1. */
  readonly number: number
  readonly bytes: Uint8Array
}

/**
 * The lines of a stream without their ends, as they come in; never more than one of them is held.
 *
 * @throws Failure `limit` for a line of more than `maxBytes`
 */
export async function* splitLines(chunks: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Line> {
  let number = 1
  let held: Uint8Array[] = []
  let heldBytes = 0
  const hold = (part: Uint8Array): void => {
    heldBytes += part.byteLength
    if (heldBytes > maxBytes) throw new Failure('limit', `line ${number} has more than ${maxBytes} bytes`)
    if (part.byteLength > 0) held.push(part)
  }
  const take = (): Line => {
    const bytes = trimEnd(held.length === 1 && held[0] ? held[0] : Buffer.concat(held))
    held = []
    heldBytes = 0
    return { number: number++, bytes }
  }
  for await (const chunk of chunks) {
    let from = 0
    for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, from)) {
      hold(chunk.subarray(from, end))
      yield take()
      from = end + 1
    }
    hold(chunk.subarray(from))
  }
  if (heldBytes > 0) yield take()
}

const trimEnd = (bytes: Uint8Array): Uint8Array => (bytes.at(-1) === CR ? bytes.subarray(0, -1) : bytes)
