/** One thing that a service did with messages, as its spans say. */
export interface ServiceEvent {
  readonly kind: 'took' | 'sent'
  readonly atUs: number
  /** Of a message that it took: what names it, the same however often it is taken. */
  readonly message: string | null
  readonly traceId: string
  readonly spanId: string
}

/**
 * What a service sent on for one message, where no span leads from the one to the other: known as long as the service has
 * only that message in hand. Once it holds several, nothing that it sends is anybody's until all of them are accounted
 * for; a message that comes again counts once. `events` by time, from before the message was taken.
 */
export function followService(events: readonly ServiceEvent[], message: string): readonly ServiceEvent[] {
  const inHand = new Set<string>()
  const sent: ServiceEvent[] = []
  /** The message whose sends go on until the next one is taken. */
  let current: string | null = null
  let isMixed = false
  for (const event of events) {
    if (event.kind === 'took') {
      if (event.message === null || inHand.has(event.message)) continue
      inHand.add(event.message)
      current = null
      isMixed ||= inHand.size > 1
      continue
    }
    if (inHand.size > 0) {
      const [first = null] = inHand
      if (first !== null) inHand.delete(first)
      current = isMixed ? null : first
      if (inHand.size === 0) isMixed = false
    }
    if (current === message) sent.push(event)
  }
  return sent
}
