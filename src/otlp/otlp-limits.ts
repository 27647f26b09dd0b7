/** Bounds on what one request may make us hold or store. Sizes are bytes of the decoded body. */
export const OTLP_LIMITS = {
  maxBodyBytes: 20 * 1024 * 1024,
  maxSpansPerRequest: 10_000,
  /** Of nested arrays and maps in an attribute value; deeper is malformed. */
  maxValueDepth: 32,
  maxAttributesPerSpan: 128,
  /** A longer text or byte value is cut and counted. */
  maxValueBytes: 64 * 1024,
  maxLinksPerSpan: 1_024,
  maxEventsPerSpan: 128,
  maxAttributesPerEvent: 32,
  maxNameBytes: 1_024,
  maxStatusMessageBytes: 4_096,
} as const
