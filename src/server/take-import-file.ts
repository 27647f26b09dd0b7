import { createHash } from 'node:crypto'
import { beginImport } from '#commands/import/begin.ts'
import { completeImport } from '#commands/import/complete.ts'
import type { CommandContext } from '#commands/command.ts'
import { appendImportMessages, dropImportFile, type NumberedMessage } from '#db/store/import-store.ts'
import { Failure, toFailure } from '#domain/failure.ts'
import {
  MAX_IMPORT_BYTES,
  MAX_IMPORT_LINE_BYTES,
  MAX_IMPORT_MESSAGES,
  MAX_IMPORT_PROBLEMS,
} from '#domain/import/import-limits.ts'
import { readMessageLine } from '#domain/import/read-message-line.ts'
import { splitLines, type Line } from '#server/split-lines.ts'

const BATCH_MESSAGES = 500
const BATCH_BYTES = 4 * 1024 * 1024
const BYTE_ORDER_MARK = '\ufeff'
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** A line that is no message, and why. */
export interface LineProblem {
  readonly line: number
  readonly problem: string
}

/**
 * Takes a file of messages in while it streams, line by line. A file with a line that is no message is refused as a
 * whole, with the first such lines; nothing of it stays.
 *
 * @throws Failure `invalid` with `details.problems`, `limit`, `forbidden`, or what reading the stream threw
 */
export async function takeImportFile(context: CommandContext, name: string, chunks: AsyncIterable<Uint8Array>) {
  const { importId } = await beginImport(context, { name })
  try {
    const hash = createHash('sha256')
    let byteCount = 0
    const measured = async function* (): AsyncGenerator<Uint8Array> {
      for await (const chunk of chunks) {
        byteCount += chunk.byteLength
        if (byteCount > MAX_IMPORT_BYTES) throw new Failure('limit', `the file has more than ${MAX_IMPORT_BYTES} bytes`)
        hash.update(chunk)
        yield chunk
      }
    }
    const messageCount = await storeLines(context, importId, measured())
    return await completeImport(context, { importId, sha256: hash.digest('hex'), byteCount, messageCount })
  } catch (error) {
    await dropImportFile(context.database, importId)
    throw error
  }
}

/** @returns how many messages there are */
async function storeLines(
  { database }: CommandContext,
  importId: string,
  chunks: AsyncIterable<Uint8Array>,
): Promise<number> {
  const problems: LineProblem[] = []
  let batch: NumberedMessage[] = []
  let [batchBytes, ordinal] = [0, 0]
  const store = async (): Promise<void> => {
    // A file that is refused anyway costs nothing more.
    if (problems.length === 0) await appendImportMessages(database, importId, batch)
    batch = []
    batchBytes = 0
  }
  for await (const line of splitLines(chunks, MAX_IMPORT_LINE_BYTES)) {
    const read = readLine(line)
    if (read === null) continue
    if ('problem' in read) {
      problems.push(read)
      if (problems.length >= MAX_IMPORT_PROBLEMS) break
      continue
    }
    ordinal += 1
    if (ordinal > MAX_IMPORT_MESSAGES)
      throw new Failure('limit', `the file has more than ${MAX_IMPORT_MESSAGES} messages`)
    batch.push({ ordinal, line: line.number, message: read })
    batchBytes += line.bytes.byteLength
    if (batch.length >= BATCH_MESSAGES || batchBytes >= BATCH_BYTES) await store()
  }
  if (problems.length > 0) {
    throw new Failure('invalid', 'some lines are no messages; nothing of the file is kept', { details: { problems } })
  }
  await store()
  if (ordinal === 0) throw new Failure('invalid', 'the file holds no message')
  return ordinal
}

/** null for an empty line. */
function readLine({ number, bytes }: Line): ReturnType<typeof readMessageLine> | LineProblem | null {
  try {
    const text = decode(bytes)
    const begun = number === 1 && text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text
    return begun.trim() === '' ? null : readMessageLine(begun)
  } catch (error) {
    const failure = toFailure(error)
    if (failure.code !== 'invalid') throw error
    return { line: number, problem: failure.message }
  }
}

function decode(bytes: Uint8Array): string {
  try {
    return strictUtf8.decode(bytes)
  } catch (cause) {
    throw new Failure('invalid', 'it is not UTF-8', { cause })
  }
}
