/** What the five services say to each other. Every message carries the order's id, which is the correlation id. */
export interface Order {
  readonly orderId: string
  readonly customerId: string
  readonly amount: { readonly currency: string; readonly cents: number }
  readonly lines: readonly { readonly sku: string; readonly quantity: number }[]
  readonly placedAt: string
}

export interface Payment {
  readonly orderId: string
  readonly customerId: string
  readonly paidCents: number
}

export interface Reservation {
  readonly orderId: string
  readonly customerId: string
  readonly shelf: string
}

export interface Shipment {
  readonly orderId: string
  readonly customerId: string
  readonly parcel: string
}

/** What a customer sends to `POST /orders`; the shop gives the order its id. */
export type OrderRequest = Pick<Order, 'customerId' | 'amount' | 'lines'>

/** An old checkout form still writes this where the ISO code `EUR` belongs: the few per cent that payments trips over. */
export const FAULTY_CURRENCY = 'EURO'
/** The share of orders that come from the old form. */
export const FAULTY_SHARE = 0.03

const SKUS = ['kettle', 'teapot', 'cup', 'saucer', 'tray', 'spoon', 'filter', 'grinder']
const CUSTOMER_COUNT = 400

/** One order as a customer would write it. `pick` gives a number in [0, 1). */
export function makeOrderRequest(isFaulty: boolean, pick: () => number): OrderRequest {
  const lines = Array.from({ length: 1 + Math.floor(pick() * 3) }, () => ({
    sku: SKUS[Math.floor(pick() * SKUS.length)] ?? 'cup',
    quantity: 1 + Math.floor(pick() * 4),
  }))
  return {
    customerId: `customer-${String(Math.floor(pick() * CUSTOMER_COUNT)).padStart(4, '0')}`,
    amount: { currency: isFaulty ? FAULTY_CURRENCY : 'EUR', cents: 500 + Math.floor(pick() * 20_000) },
    lines,
  }
}
