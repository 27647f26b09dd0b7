import { addLaneHistory, listDestinationReaders, type SentWindow } from '#db/store/destination-reader-store.ts'
import type { DestinationReader, FlowWitnesses } from '#domain/flow/destination-reader.ts'
import type { FlowFacts } from '#domain/flow/flow.ts'
import type { Runtime } from '#server/runtime.ts'

/** Whoever took messages within this time should take the next one too. */
const SEEN_LATELY_US = 3_600_000_000
const MAX_NAMES = 200

/** What the broker and other flows know about those who should take the messages of a flow. */
export async function readWitnesses(runtime: Runtime, facts: FlowFacts): Promise<FlowWitnesses> {
  const nowMs = runtime.nowMs()
  const { database, telemetry } = runtime
  const sent = sentWindows(facts)
  const received = facts.spans.flatMap(({ messaging }) => messaging?.destination ?? [])
  const names = [...new Set([...sent.keys(), ...received])].slice(0, MAX_NAMES)
  const known = await listDestinationReaders(database, names)
  const places = [...new Set([...names, ...known.map(({ destination }) => destination)])]
  const [readers, seenReceivers] = await Promise.all([
    addLaneHistory(database, known, (reader) => windowOf(reader, sent), nowMs),
    telemetry.readReceivers(places, nowMs * 1_000 - SEEN_LATELY_US),
  ])
  const services = new Set([...facts.spans, ...seenReceivers].map(({ service }) => service))
  return { nowMs, readers, seenReceivers, hostsOfService: await telemetry.readServiceHosts([...services]) }
}

/** When the flow sent something, by destination. */
function sentWindows({ spans, operationItems }: FlowFacts): Map<string, SentWindow> {
  const windows = new Map<string, SentWindow>()
  const include = (destination: string | null, atMs: number): void => {
    if (destination === null) return
    const known = windows.get(destination) ?? { fromMs: atMs, toMs: atMs }
    windows.set(destination, { fromMs: Math.min(known.fromMs, atMs), toMs: Math.max(known.toMs, atMs) })
  }
  for (const { messaging, startUs } of spans)
    if (messaging?.operation === 'send' || messaging?.operation === 'create')
      include(messaging.destination, startUs / 1_000)
  for (const { targetDestination, sentUs } of operationItems) include(targetDestination, sentUs / 1_000)
  return windows
}

function windowOf({ sentTo }: DestinationReader, sent: ReadonlyMap<string, SentWindow>): SentWindow | null {
  const windows = sentTo.flatMap((name) => sent.get(name) ?? [])
  if (windows.length === 0) return null
  return { fromMs: Math.min(...windows.map((one) => one.fromMs)), toMs: Math.max(...windows.map((one) => one.toMs)) }
}
