import { settleItems, type LedgerItem, type Settlement } from '#db/store/operation-ledger-store.ts'
import { Failure } from '#domain/failure.ts'
import { parsePosition, printPosition, type Position } from '#domain/position.ts'
import { makeCopy, type Copy } from '#engine/make-copies.ts'
import type { SendScope } from '#engine/send-scope.ts'

const READ_LIMIT_MS = 10_000

/** Settles what must not be sent, reads the live messages of the rest at the source and makes their copies. */
export async function readCopies(scope: SendScope, items: readonly LedgerItem[]): Promise<readonly Copy[]> {
  const refusals = items.flatMap((item) => refuse(scope, item))
  const refused = new Set(refusals.map((refusal) => refusal.ordinal))
  const wanted = items.filter((item) => !refused.has(item.ordinal))
  const messages = await readSource(scope, wanted)
  const copies: Copy[] = []
  const gone: Settlement[] = []
  for (const item of wanted) {
    const message = messages.get(item.sourcePosition)
    if (message) copies.push(makeCopy(scope.operation.id, item, message))
    else gone.push({ ordinal: item.ordinal, state: 'failed', reason: describeGap(item) })
  }
  await settleItems(scope.context.client.database, scope.fence, [...refusals, ...gone])
  return copies
}

function refuse(scope: SendScope, item: LedgerItem): Settlement[] {
  const { ordinal, state, deadLetterState, orderKey } = item
  if (state === 'pending' && deadLetterState !== null && deadLetterState !== 'open') {
    return [{ ordinal, state: 'skipped', reason: `its dead letter is ${deadLetterState} meanwhile` }]
  }
  if (state === 'pending' && orderKey !== null && scope.heldKeys.has(orderKey)) {
    return [{ ordinal, state: 'failed', reason: 'held back: an earlier message of its key was refused' }]
  }
  return []
}

const describeGap = (item: LedgerItem): string =>
  item.state === 'claimed'
    ? 'gap: gone at the source after a send whose answer is unknown; a copy may have arrived'
    : 'gap: gone at the source before it was sent'

async function readSource(scope: SendScope, items: readonly LedgerItem[]) {
  const { broker, operation, lost } = scope
  if (!broker.replaySource) throw new Failure('unsupported', `${broker.kind} cannot read single messages`)
  const positions = items.map((item) => requirePosition(item))
  const signal = AbortSignal.any([lost, AbortSignal.timeout(READ_LIMIT_MS)])
  const messages = items.length === 0 ? [] : await broker.replaySource.readAt(operation.source, positions, signal)
  return new Map(messages.map((message) => [printPosition(message.position), message]))
}

function requirePosition(item: LedgerItem): Position {
  const position = parsePosition(item.sourcePosition)
  if (position === null) throw new Failure('internal', `item ${item.ordinal} has no readable source position`)
  return position
}
