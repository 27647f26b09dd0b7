import { FAULTY_CURRENCY, type Order } from '../order.ts'

export class CurrencyMismatch extends Error {
  override readonly name = 'CurrencyMismatch'
}

/**
 * Charges an order and returns what was paid, in cents. The bug: with `isStrict` a currency that is not the ISO code
 * throws; the repaired version reads the old form's spelling as what it means.
 */
export function settle({ amount }: Order, isStrict: boolean): number {
  const currency = !isStrict && amount.currency === FAULTY_CURRENCY ? 'EUR' : amount.currency
  if (currency !== 'EUR') throw new CurrencyMismatch(`expected EUR, got ${currency} at amount.currency`)
  return amount.cents
}
