import type { CommandContext } from '#commands/command.ts'
import { downloadDeadLetter } from '#commands/dead-letter/download.ts'
import { downloadMessage } from '#commands/message/download.ts'
import { type ExportedLetter, writeMessageLine } from '#domain/export/write-message-line.ts'
import { Failure, toFailure, type FailureCode } from '#domain/failure.ts'
import { openRequest } from '#server/open-request.ts'
import { readHeldFlow } from '#server/read-flow.ts'
import { askForMessage, locateLiveMessage, type LivePlace } from '#server/read-live-message.ts'
import type { Runtime } from '#server/runtime.ts'

const STATUS: Partial<Record<FailureCode, number>> = {
  'not-found': 404,
  invalid: 400,
  forbidden: 403,
  limit: 413,
  unsupported: 409,
  'broker-unavailable': 503,
}

interface Attachment {
  readonly name: string
  readonly bytes: Uint8Array
}

/**
 * One dead letter as a file: its payload, byte for byte and unmasked, or (`form=line`) the line that an export would have.
 * It is on record before its first byte leaves.
 */
export function answerDeadLetterDownload(runtime: Runtime, request: Request): Promise<Response> {
  return answerAttachment(runtime, request, async (context) => {
    const { pathname, searchParams } = new URL(request.url)
    const id = /\/api\/dead-letters\/(\d+)\/download$/.exec(pathname)?.[1] ?? ''
    const letter = await downloadDeadLetter(context, { id })
    const name = nameOf(letter)
    const payload = letter.isPayloadCut ? await readWhole(runtime, letter, letter.payloadBytes) : letter.payload
    if (searchParams.get('form') === 'line') {
      const line = writeMessageLine({ ...letter, payload, isPayloadCut: false })
      return { name: `${name}.jsonl`, bytes: new TextEncoder().encode(line) }
    }
    return { name: `${name}.bin`, bytes: refuseTombstone(payload) }
  })
}

/** The payload of a hop's message, as it lies in its destination now. */
export function answerLiveMessageDownload(runtime: Runtime, request: Request): Promise<Response> {
  return answerAttachment(runtime, request, async (context) => {
    const { pathname, searchParams } = new URL(request.url)
    const flowKey = readKey(/\/api\/flows\/([^/]+)\/message$/.exec(pathname)?.[1])
    const hopId = searchParams.get('hop')
    if (flowKey === null || hopId === null) throw new Failure('invalid', 'the address names no message')
    const place = await locateLiveMessage(runtime, await readHeldFlow(runtime, flowKey), hopId)
    await downloadMessage(context, place)
    return { name: `${nameOf(place)}.bin`, bytes: refuseTombstone(await readWhole(runtime, place, null)) }
  })
}

async function answerAttachment(
  runtime: Runtime,
  request: Request,
  read: (context: CommandContext) => Promise<Attachment>,
): Promise<Response> {
  const headers = new Headers({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
  const { caller } = await openRequest(runtime, request.headers, headers)
  const refuse = (status: number, error: string) => Response.json({ error }, { status, headers })
  if (caller === null) return refuse(401, 'sign in first')
  if (caller.mustChangePassword) return refuse(403, 'choose your own password first')
  try {
    const { name, bytes } = await read({ database: runtime.database, actor: caller.actor })
    headers.set('content-type', 'application/octet-stream')
    headers.set('content-disposition', `attachment; filename="${name}"`)
    return new Response(Buffer.from(bytes), { headers })
  } catch (error) {
    const { code, message } = toFailure(error)
    const status = STATUS[code]
    if (status !== undefined) return refuse(status, message)
    runtime.log.error({ err: error }, 'a message could not be downloaded')
    return refuse(500, 'something went wrong on the server')
  }
}

/** @param payloadBytes what it must have; null = what the broker says */
async function readWhole(runtime: Runtime, place: LivePlace, payloadBytes: number | null): Promise<Uint8Array | null> {
  const live = await askForMessage(runtime, place)
  const size = payloadBytes ?? live.payloadBytes
  if ((live.payload?.byteLength ?? 0) === size) return live.payload
  throw new Failure('limit', `the payload has ${size} bytes, more than a single download takes: export it instead`)
}

function refuseTombstone(payload: Uint8Array | null): Uint8Array {
  if (payload === null) throw new Failure('not-found', 'the payload is null, a tombstone: there is nothing in it')
  return payload
}

/** Letters, digits and a few signs; whatever else stands in a name says nothing about the file. */
const nameOf = ({ destination, position }: Pick<ExportedLetter, 'destination' | 'position'>): string =>
  `${destination}-${position}`.replaceAll(/[^\w.-]+/g, '_').slice(0, 120)

function readKey(text: string | undefined): string | null {
  try {
    const key = decodeURIComponent(text ?? '')
    return key === '' || key.length > 300 ? null : key
  } catch {
    // Not well-formed percent signs
    return null
  }
}
