/** An id of a flow that stands on no span: the broker's record of one of its messages says it. */
export interface FlowName {
  readonly id: string
  /** Where in the record: `header correlation-id`. */
  readonly foundIn: string
  readonly destination: string
  /** Printed position of the record. */
  readonly position: string
  /** Traces of the flow that nothing but this id joins. */
  readonly joinedTraceCount: number
}

/** Traces that an id read from records may join; one that is on more names a tenant or a job, not an event. */
export const MAX_NAMED_TRACES = 50
