import type { IncomingMessage } from 'node:http'
import { promisify } from 'node:util'
import { gunzip, gunzipSync, inflate, inflateRaw, inflateSync } from 'node:zlib'
import type { IngestQueue } from '#collector/ingest/ingest-queue.ts'
import { Failure } from '#domain/failure.ts'
import { OTLP_LIMITS } from '#otlp/otlp-limits.ts'

const LIMIT = OTLP_LIMITS.maxBodyBytes
/** Inflating this much at once costs less than handing it to another thread. */
const SYNC_BYTES = 128 * 1024
const options = { maxOutputLength: LIMIT }

const tooLarge = (): Failure =>
  new Failure('limit', `the body is over ${LIMIT} bytes; send smaller batches`, { details: { maxBytes: LIMIT } })

/**
 * Reads and inflates the body of a request. While it is being read its bytes count in the queue.
 * @throws Failure `limit` for more than 20 MiB before or after inflation (retryable when only the queue is full),
 * `unsupported` for an unknown encoding, `invalid` for bytes that do not inflate.
 */
export async function readBody(request: IncomingMessage, queue: IngestQueue): Promise<Buffer> {
  const encoding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase()
  if (!['identity', 'gzip', 'deflate', ''].includes(encoding))
    throw new Failure('unsupported', `content-encoding ${encoding} is not supported; use gzip, deflate or none`)
  if (Number(request.headers['content-length'] ?? 0) > LIMIT) throw tooLarge()
  const raw = await readRaw(request, queue)
  return encoding === 'identity' || encoding === '' ? raw : inflateBody(raw, encoding)
}

async function readRaw(request: IncomingMessage, queue: IngestQueue): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      if (size + chunk.length > LIMIT) throw tooLarge()
      queue.hold(chunk.length)
      size += chunk.length
      chunks.push(chunk)
    }
  } finally {
    queue.free(size)
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, size)
}

async function inflateBody(raw: Buffer, encoding: string): Promise<Buffer> {
  try {
    if (encoding === 'gzip')
      return raw.length <= SYNC_BYTES ? gunzipSync(raw, options) : await promisify(gunzip)(raw, options)
    // `deflate` means the zlib format; some senders leave its header out.
    if (!isZlib(raw)) return await promisify(inflateRaw)(raw, options)
    return raw.length <= SYNC_BYTES ? inflateSync(raw, options) : await promisify(inflate)(raw, options)
  } catch (error) {
    if (error instanceof RangeError) throw tooLarge()
    throw new Failure('invalid', `the body does not inflate as ${encoding}`, { cause: error })
  }
}

const isZlib = (raw: Buffer): boolean =>
  raw.length >= 2 && raw.readUInt16BE(0) % 31 === 0 && ((raw[0] ?? 0) & 0x0f) === 8
