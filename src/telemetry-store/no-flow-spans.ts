import type { FlowSpans } from '#telemetry-store/telemetry-store.ts'

/** What is read of a flow of which nothing is stored. */
export const noFlowSpans = (flowKey: string): FlowSpans => ({
  flowKey,
  spans: [],
  omittedSpanCount: 0,
  otherTraceSpanCount: 0,
  caps: [],
  partialTraceIds: [],
  bridges: [],
  names: [],
  silentPolls: [],
})
