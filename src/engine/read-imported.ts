import { readImportedMessages } from '#db/store/import-store.ts'
import type { LedgerItem } from '#db/store/operation-ledger-store.ts'
import type { BrokerMessage } from '#domain/message.ts'
import { printPosition } from '#domain/position.ts'
import type { SendScope } from '#engine/send-scope.ts'

/** Messages of the file that the operation imports, by their printed positions. */
export async function readImported(
  { context, operation }: SendScope,
  items: readonly LedgerItem[],
): Promise<ReadonlyMap<string, BrokerMessage>> {
  if (operation.importId === null || items.length === 0) return new Map()
  const ordinals = items.map((item) => item.ordinal)
  const messages = await readImportedMessages(context.client.database, operation.importId, ordinals)
  return new Map(messages.map((message) => [printPosition(message.position), message]))
}
