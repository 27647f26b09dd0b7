import type { GroupedItem } from '#db/store/operation-outcome-store.ts'
import { attributeConsumer } from '#domain/flow/attribute-consumer.ts'
import type { DestinationReader } from '#domain/flow/destination-reader.ts'
import type { OutcomeEvidence } from '#domain/operation/outcome.ts'
import type { Delivery } from '#telemetry-store/telemetry-store.ts'

export type DeliverySummary = Pick<OutcomeEvidence, 'goodDeliveries' | 'badDeliveries' | 'deliveredTo'>

/**
 * What the deliveries say of each copy, by ordinal. Where the dead letter names the group that failed, only that
 * group's deliveries count (others may well process the copy); a span that names no group is attributed by what the
 * broker knows of `readers`, and one that fits nobody proves nothing. Within a group one good delivery outweighs bad ones, as
 * consumers try again; across groups one that only failed outweighs the others.
 */
export function summariseDeliveries(
  items: readonly GroupedItem[],
  deliveries: readonly Delivery[],
  readers: readonly DestinationReader[],
): ReadonlyMap<number, DeliverySummary> {
  const bySender = Map.groupBy(deliveries, ({ sender }) => `${sender.traceId}/${sender.spanId}`)
  const summaries = new Map<number, DeliverySummary>()
  for (const item of items) {
    const heard = (bySender.get(`${item.traceId}/${item.spanId}`) ?? []).filter((delivery) =>
      counts(item, delivery, readers),
    )
    if (heard.length > 0) summaries.set(item.ordinal, summarise(heard))
  }
  return summaries
}

function counts(item: GroupedItem, delivery: Delivery, readers: readonly DestinationReader[]): boolean {
  if (item.consumerGroup === null) return true
  const { service, consumerGroup } = delivery
  const span = { service, consumerGroup, destination: item.targetDestination, clientId: null, hosts: [] }
  return attributeConsumer(span, readers).group === item.consumerGroup
}

function summarise(heard: readonly Delivery[]): DeliverySummary {
  const groups = [...Map.groupBy(heard, (delivery) => delivery.consumerGroup ?? delivery.service).values()]
  const failed = groups.filter((group) => group.every((delivery) => delivery.isError))
  const telling = failed.length > 0 ? failed : groups
  return {
    goodDeliveries: failed.length > 0 ? 0 : groups.length,
    badDeliveries: failed.length,
    deliveredTo: telling[0]?.[0]?.service ?? null,
  }
}
