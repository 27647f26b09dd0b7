import type { FlowQuery } from '#telemetry-store/telemetry-store.ts'

/** The first page of every flow there is; to be narrowed by a window and by what is asked. */
export const ANY_FLOW: FlowQuery = {
  fromUs: 0,
  toUs: Number.MAX_SAFE_INTEGER,
  id: null,
  service: null,
  destination: null,
  status: 'all',
  minDurationUs: null,
  limit: 50,
  cursor: null,
}
