import { editPayload } from '#domain/edit/edit-payload.ts'
import type { EditChange, EditStep } from '#domain/edit/edit-step.ts'
import { readExactJson, writeExactJson } from '#domain/edit/exact-json.ts'
import { Failure } from '#domain/failure.ts'
import type { Header } from '#domain/message.ts'
import { frameHead, readFrame } from '#domain/schema/read-frame.ts'

export interface EditableMessage {
  readonly headers: readonly Header[]
  readonly payload: Uint8Array | null
}

export interface EditedMessage extends EditableMessage {
  /** In the order of the steps; empty when the message is as it was, to the byte. */
  readonly changes: readonly EditChange[]
}

/**
 * The message as it will be sent. What the steps do not touch stays as it is; a payload that is changed is written anew
 * without spaces, its numbers digit by digit.
 *
 * @throws Failure `invalid` when a step does not fit: the payload is no JSON, or has no such place
 */
export function editMessage(message: EditableMessage, steps: readonly EditStep[]): EditedMessage {
  const payloadSteps = steps.filter((step) => step.part === 'payload')
  const { payload, changes } = editBytes(message.payload, payloadSteps)
  let headers = message.headers
  const headerChanges: EditChange[] = []
  for (const step of steps) {
    if (step.part !== 'header') continue
    const edited = editHeaders(headers, step)
    headers = edited.headers
    headerChanges.push(...edited.changes)
  }
  return { headers, payload, changes: [...changes, ...headerChanges] }
}

function editBytes(
  payload: Uint8Array | null,
  steps: readonly EditStep[],
): { readonly payload: Uint8Array | null; readonly changes: readonly EditChange[] } {
  if (steps.length === 0) return { payload, changes: [] }
  if (payload === null) throw new Failure('invalid', 'the payload is a tombstone')
  const { head, root } = openPayload(payload)
  const changes = steps.flatMap((step) => editPayload(root, step))
  if (changes.length === 0) return { payload, changes }
  const text = new TextEncoder().encode(writeExactJson(root))
  const edited = new Uint8Array(head.byteLength + text.byteLength)
  edited.set(head)
  edited.set(text, head.byteLength)
  return { payload: edited, changes }
}

/** JSON that carries a schema id keeps it, byte for byte; Avro and Protobuf are not written anew here. */
function openPayload(payload: Uint8Array): { readonly head: Uint8Array; readonly root: unknown } {
  const frame = readFrame(payload)
  if (frame === null) return { head: new Uint8Array(), root: readExactJson(payload) }
  try {
    return { head: frameHead(payload), root: readExactJson(frame.body) }
  } catch (cause) {
    const what = `the payload is binary, written with schema ${frame.schemaId} of the registry`
    throw new Failure('invalid', `${what}: only JSON payloads can be edited, headers of all`, { cause })
  }
}

function editHeaders(
  headers: readonly Header[],
  step: EditStep,
): { readonly headers: readonly Header[]; readonly changes: readonly EditChange[] } {
  const own = headers.filter((header) => header.name === step.at)
  const before = own.length === 0 ? null : own.map(showHeader).join(', ')
  const change = (at: string, from: string | null, to: string | null): EditChange => ({
    part: 'header',
    at,
    before: from,
    after: to,
  })
  if (step.act === 'set') {
    if (own.length === 1 && before === step.value) return { headers, changes: [] }
    const [first] = own
    const set = { name: step.at, value: new TextEncoder().encode(step.value) }
    const kept = headers.flatMap((header) => (header.name !== step.at ? [header] : header === first ? [set] : []))
    return { headers: first ? kept : [...kept, set], changes: [change(step.at, before, step.value)] }
  }
  if (before === null) return { headers, changes: [] }
  if (step.act === 'remove') {
    return { headers: headers.filter((header) => header.name !== step.at), changes: [change(step.at, before, null)] }
  }
  if (headers.some((header) => header.name === step.to)) {
    throw new Failure('invalid', `header ${step.at} cannot be renamed: there is a ${step.to} already`)
  }
  return {
    headers: headers.map((header) => (header.name === step.at ? { ...header, name: step.to } : header)),
    changes: [change(step.at, before, null), change(step.to, null, before)],
  }
}

function showHeader({ value }: Header): string {
  if (value === null) return 'null'
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(value)
  } catch {
    // Binary header values are normal; they are shown as what they are.
    return `0x${[...value].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`
  }
}
