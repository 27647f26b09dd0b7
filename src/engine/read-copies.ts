import { hash } from 'node:crypto'
import { GAP, settleItems, type LedgerItem, type Settlement } from '#db/store/operation-ledger-store.ts'
import { readArchivedMessages } from '#db/store/message-archive-store.ts'
import { Failure, toFailure } from '#domain/failure.ts'
import type { BrokerMessage } from '#domain/message.ts'
import { parsePosition, printPosition, type Position } from '#domain/position.ts'
import { makeCopy, type Copy } from '#engine/make-copies.ts'
import { readImported } from '#engine/read-imported.ts'
import type { SendScope } from '#engine/send-scope.ts'
import { withinHurry } from '#engine/within-hurry.ts'

const READ_LIMIT_MS = 10_000

/**
 * Reads the live messages of these items at the source and makes their copies. What is not open any more, or gone at the
 * source, is settled with its reason.
 */
export async function readCopies(scope: SendScope, items: readonly LedgerItem[]): Promise<readonly Copy[]> {
  const settlements = items.flatMap((item) => skipHandled(item, scope.operation.kind !== 'discard'))
  const skipped = new Set(settlements.map((settlement) => settlement.ordinal))
  const wanted = items.filter((item) => !skipped.has(item.ordinal))
  const messages = await (scope.operation.kind === 'import' ? readImported : readMessages)(scope, wanted)
  const copies: Copy[] = []
  for (const item of wanted) {
    const message = messages.get(item.sourcePosition)
    const made = message ? tryCopy(scope, item, message) : describeGap(item)
    if (typeof made === 'string') settlements.push({ ordinal: item.ordinal, state: 'failed', reason: made })
    else copies.push(made)
  }
  await settleItems(scope.context.client.database, scope.fence, settlements)
  return copies
}

/** The copy, or why there is none: the dry run looked at what was stored, the live message may differ. */
function tryCopy(scope: SendScope, item: LedgerItem, message: BrokerMessage): Copy | string {
  if (!isSameMessage(item, message)) return `${GAP}another message lies at its position now; was its place made anew?`
  try {
    return makeCopy(scope.operation, item, message)
  } catch (error) {
    const failure = toFailure(error)
    if (failure.code !== 'invalid') throw error
    return `the edit does not fit: ${failure.message}`
  }
}

/**
 * Whether it is the message that was selected. A topic that was deleted and made anew counts from 0 again, so at the
 * same position there may be one that nobody decided about.
 */
function isSameMessage({ orderKey, payloadBytes, dialect }: LedgerItem, { key, payload }: BrokerMessage): boolean {
  if (orderKey !== null && orderKey !== (key === null ? null : orderKeyOf(key))) return false
  return payloadBytes === 0 || dialect === 'kafka-share-group' || payload?.length === payloadBytes
}

/** As the manifest has it: the first 16 hex digits of SHA-256. */
const orderKeyOf = (key: Uint8Array): string => hash('sha256', key, 'hex').slice(0, 16)

function skipHandled({ ordinal, state, deadLetterState, targetProblem }: LedgerItem, isSending: boolean): Settlement[] {
  if (isSending && targetProblem !== null) {
    const mayHaveArrived = state === 'claimed' ? '; a copy may have arrived before' : ''
    return [{ ordinal, state: 'failed', reason: `not sent: ${targetProblem}${mayHaveArrived}` }]
  }
  if (state !== 'pending' || deadLetterState === null || deadLetterState === 'open') return []
  return [{ ordinal, state: 'skipped', reason: `its dead letter is ${deadLetterState} meanwhile` }]
}

const describeGap = (item: LedgerItem): string =>
  item.state === 'claimed'
    ? `${GAP}gone at the source after a send whose answer is unknown; a copy may have arrived`
    : `${GAP}gone at the source before it was sent`

/**
 * Live at the source; what a person restored after the source had let go of it, and what the source only points to, is
 * read from our archive.
 */
async function readMessages(
  scope: SendScope,
  items: readonly LedgerItem[],
): Promise<ReadonlyMap<string, BrokerMessage>> {
  const found = await readSource(scope, items)
  const missing = items.flatMap((item) => (isThere(found.get(item.sourcePosition)) ? [] : (item.deadLetterId ?? [])))
  if (missing.length > 0) {
    for (const message of await readArchivedMessages(scope.context.client.database, missing)) {
      found.set(printPosition(message.position), message)
    }
  }
  return found
}

/** A record without key and payload may be one that points to another, which the archive then has. */
const isThere = (message: BrokerMessage | undefined): boolean =>
  message !== undefined && (message.key !== null || message.payload !== null)

async function readSource(scope: SendScope, items: readonly LedgerItem[]) {
  const { broker, operation, lost } = scope
  if (!broker.replaySource) throw new Failure('unsupported', `${broker.kind} cannot read single messages`)
  const positions = items.map((item) => requirePosition(item))
  const signal = AbortSignal.any([lost, scope.hurry, AbortSignal.timeout(READ_LIMIT_MS)])
  const messages =
    items.length === 0 ? [] : await withinHurry(scope, broker.replaySource.readAt(operation.source, positions, signal))
  return new Map(messages.map((message) => [printPosition(message.position), message]))
}

function requirePosition(item: LedgerItem): Position {
  const position = parsePosition(item.sourcePosition)
  if (position === null) throw new Failure('internal', `item ${item.ordinal} has no readable source position`)
  return position
}
