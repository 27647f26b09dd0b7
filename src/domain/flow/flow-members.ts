import type { FlowJson } from '#domain/flow/flow-json.ts'
import type { SpanRecord } from '#domain/trace/span.ts'

/** A trace that belongs to a flow, wholly or in part. */
export type FlowMember = FlowJson['members'][number]

/** The traces of a flow, by its spans. */
export function membersOf(spans: readonly SpanRecord[]): readonly FlowMember[] {
  const members = new Map<string, Omit<FlowMember, 'services'> & { readonly services: Set<string> }>()
  for (const { traceId, service, status, startUs, durationUs } of spans) {
    const endUs = startUs + Math.max(0, durationUs)
    const errorCount = status === 'error' ? 1 : 0
    const known = members.get(traceId)
    if (known === undefined) {
      const services = new Set([service])
      members.set(traceId, { traceId, services, spanCount: 1, errorCount, startedUs: startUs, endedUs: endUs })
      continue
    }
    known.services.add(service)
    known.spanCount += 1
    known.errorCount += errorCount
    known.startedUs = Math.min(known.startedUs, startUs)
    known.endedUs = Math.max(known.endedUs, endUs)
  }
  return [...members.values()].map((member) => ({ ...member, services: [...member.services] }))
}
