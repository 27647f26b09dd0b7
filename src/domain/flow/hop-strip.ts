/** One box of the strip that stands for a flow in a list: who sent, where it waited, who took it. */
export type StripStep =
  | { readonly kind: 'service'; readonly name: string; readonly isError: boolean; readonly times: number }
  | {
      readonly kind: 'queue'
      readonly name: string
      /** Between the send and the first take that is known; null when one of them is not. */
      readonly dwellUs: number | null
      /** Nobody was seen to take it. */
      readonly isOpen: boolean
    }

export interface StripEvent {
  readonly spanId: string
  /** Spans that may have sent what is taken here: links, else the parent. */
  readonly senderIds: readonly string[]
  readonly service: string
  readonly destination: string
  readonly isSend: boolean
  readonly atUs: number
  readonly isError: boolean
}

/** A strip is a glance; who wants all of it opens the flow. */
const MAX_HOPS = 12

interface StripHop {
  readonly senderId: string | null
  readonly sender: string | null
  readonly destination: string
  readonly sentUs: number | null
  taker: { readonly service: string; readonly atUs: number; isError: boolean; times: number } | null
}

/**
 * Draws a flow as a line, in the order in which its messages were sent and taken. Who takes a message names its sender
 * by a span, or takes from the destination that he sent to. A destination that the same service takes from again (a
 * retry, one of many messages) is one hop. Events need no order.
 */
export function drawHopStrip(events: readonly StripEvent[]): readonly StripStep[] {
  const hops: StripHop[] = []
  for (const event of events.toSorted((left, right) => left.atUs - right.atUs)) {
    if (event.isSend) addSend(hops, event)
    else addTake(hops, event)
  }
  const steps: StripStep[] = []
  for (const hop of hops.slice(0, MAX_HOPS)) drawHop(steps, hop)
  return steps
}

function addSend(hops: StripHop[], { spanId, service, destination, atUs }: StripEvent): void {
  if (hops.some((hop) => hop.destination === destination && hop.sender === service)) return
  hops.push({ senderId: spanId, sender: service, destination, sentUs: atUs, taker: null })
}

function addTake(hops: StripHop[], { service, destination, senderIds, atUs, isError }: StripEvent): void {
  const again = hops.find((hop) => hop.destination === destination && hop.taker?.service === service)?.taker
  if (again) {
    again.times += 1
    again.isError ||= isError
    return
  }
  const taker = { service, atUs, isError, times: 1 }
  const named = hops.filter((hop) => hop.senderId !== null && senderIds.includes(hop.senderId))
  const sent = named.length > 0 ? named : hops.filter((hop) => hop.destination === destination)
  const open = sent.findIndex((hop) => hop.taker === null)
  const hop = sent[open]
  // A broker may hand a message on under another name: the one that it was taken from is shown.
  if (hop === undefined)
    hops.push({ senderId: null, sender: null, destination, sentUs: sent[0]?.sentUs ?? null, taker })
  else hops[hops.indexOf(hop)] = { ...hop, destination, taker }
}

function drawHop(steps: StripStep[], { sender, destination, sentUs, taker }: StripHop): void {
  const last = steps.findLast((step) => step.kind === 'service')
  if (sender !== null && last?.name !== sender) steps.push({ kind: 'service', name: sender, isError: false, times: 1 })
  const dwellUs = sentUs === null || taker === null ? null : taker.atUs - sentUs
  steps.push({ kind: 'queue', name: destination, dwellUs, isOpen: taker === null })
  if (taker !== null) steps.push({ kind: 'service', name: taker.service, isError: taker.isError, times: taker.times })
}
