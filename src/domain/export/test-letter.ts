import type { ExportedLetter } from '#domain/export/write-message-line.ts'

/** For tests: a dead letter as it is exported, of which nothing is known but its place and what is given. */
export const testLetter = (part: Partial<ExportedLetter> = {}): ExportedLetter => ({
  clusterId: 'k',
  destination: 'orders.DLT',
  position: '0@7',
  state: 'open',
  deadAtMs: 0,
  originDestination: 'orders',
  originPosition: '0@3',
  consumerGroup: null,
  attempts: null,
  exceptionClass: null,
  exceptionMessage: null,
  fingerprint: 'f',
  correlationId: null,
  traceId: null,
  redriveCount: 0,
  key: null,
  headers: [],
  payload: null,
  payloadBytes: 0,
  isPayloadCut: false,
  ...part,
})
