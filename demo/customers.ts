import { FAULTY_SHARE, makeOrderRequest } from './order.ts'

export interface Burst {
  readonly orders: number
  /** 0 to 1: the share of orders that payments will trip over while the bug is on. */
  readonly faulty: number
}

export interface Customers {
  /** Sends the orders as fast as the shop takes them; resolves with how many it took. */
  readonly burst: (burst: Burst) => Promise<number>
  readonly stop: () => void
}

const CONCURRENT_ORDERS = 16
const REQUEST_TIMEOUT_MS = 10_000

/** People who order `ratePerSecond` times a second on average, with the irregular gaps of people. */
export function startCustomers(ratePerSecond: number, checkoutPort: () => number | null): Customers {
  let timer: NodeJS.Timeout | undefined
  let isStopped = false
  const orderNext = (): void => {
    if (isStopped || ratePerSecond === 0) return
    // Exponential gaps make a Poisson process, which is how independent people arrive.
    const gapMs = (-Math.log(1 - Math.random()) * 1_000) / ratePerSecond
    timer = setTimeout(() => {
      void placeOrder(checkoutPort(), Math.random() < FAULTY_SHARE)
      orderNext()
    }, gapMs)
  }
  orderNext()
  return {
    async burst({ orders, faulty }) {
      let left = orders
      let taken = 0
      const faultyOrders = Math.round(orders * faulty)
      const customer = async (): Promise<void> => {
        while (left > 0 && !isStopped) {
          left -= 1
          if (await placeOrder(checkoutPort(), isFaultyAt(left, orders, faultyOrders))) taken += 1
        }
      }
      await Promise.all(Array.from({ length: CONCURRENT_ORDERS }, customer))
      return taken
    },
    stop() {
      isStopped = true
      clearTimeout(timer)
    },
  }
}

/** Spreads exactly `faultyOrders` evenly over the burst, so that a test can count on the number. */
function isFaultyAt(index: number, orders: number, faultyOrders: number): boolean {
  return Math.floor(((index + 1) * faultyOrders) / orders) > Math.floor((index * faultyOrders) / orders)
}

/** False when the shop did not take the order: people then go elsewhere, and the page's count shows it. */
async function placeOrder(port: number | null, isFaulty: boolean): Promise<boolean> {
  if (port === null) return false
  try {
    const response = await fetch(`http://127.0.0.1:${port}/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(makeOrderRequest(isFaulty, Math.random)),
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    })
    await response.arrayBuffer()
    return response.status === 201
  } catch (error) {
    console.error('demo: an order was lost at the door:', error instanceof Error ? error.message : error)
    return false
  }
}
