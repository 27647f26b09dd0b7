import type { Payment } from '../order.ts'

class LedgerOverflow extends Error {
  override readonly name = 'LedgerOverflow'
}

/** What the old ledger's column holds, in cents; few orders of the shop come near it. */
const OLD_LIMIT_CENTS = 20_000

/** Books a payment. The bug: with `isStrict` the column is too narrow for a large one. */
export function bookPayment({ orderId, paidCents }: Payment, isStrict: boolean): void {
  if (isStrict && paidCents > OLD_LIMIT_CENTS) throw new LedgerOverflow(`${paidCents} cents of ${orderId} do not fit`)
}
