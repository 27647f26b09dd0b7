/** One message as the services see it, whichever broker carries it. */
export interface ShopMessage<Body> {
  /** Messages of one key keep their order where the broker has an order. */
  readonly key: string
  readonly correlationId: string
  readonly body: Body
}

export interface Subscription<Body> {
  readonly topic: string
  /** The service's own name: every group gets every message of the topic once. */
  readonly group: string
  /** Tries inside the consumer before the message is dead-lettered. */
  readonly maxAttempts: number
  handle(message: ShopMessage<Body>): Promise<void>
  /** Called once for a message that was given up. */
  onDeadLetter(): void
}

/** What the shop needs of a broker; implemented on Kafka and on Postgres queues. */
export interface ShopBroker {
  publish(topic: string, message: ShopMessage<unknown>): Promise<void>
  subscribe<Body>(subscription: Subscription<Body>): void
  /** Begins to consume what was subscribed to. */
  start(): Promise<void>
  close(): Promise<void>
}

export const TOPICS = ['orders', 'payments', 'stock', 'shipments'] as const

/** Who reads what; the queues of the Postgres variant are made from it. */
export const GROUPS: readonly { readonly topic: (typeof TOPICS)[number]; readonly group: string }[] = [
  { topic: 'orders', group: 'payments' },
  { topic: 'orders', group: 'inventory' },
  { topic: 'payments', group: 'shipping' },
  { topic: 'payments', group: 'email' },
  { topic: 'stock', group: 'shipping' },
  { topic: 'shipments', group: 'email' },
]
