import type { IncomingMessage } from 'node:http'

/** The whole body; null as soon as it is larger than `maxBytes`. How long it may take is the server's `requestTimeout`. */
export async function readSmallBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | null> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return null
  const parts: Buffer[] = []
  let size = 0
  for await (const part of request.iterator({ destroyOnReturn: false })) {
    size += part.length
    if (size > maxBytes) return null
    parts.push(part)
  }
  return Buffer.concat(parts)
}
