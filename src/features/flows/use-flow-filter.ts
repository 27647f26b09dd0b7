'use client'
import { parseAsFloat, parseAsInteger, parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs'

export const FLOW_WINDOWS = ['15m', '1h', '6h', '24h', '7d'] as const
export const FLOW_STATUSES = ['all', 'error', 'dead-lettered', 'redriven', 'ok'] as const

export const FLOW_WINDOW_MS: Readonly<Record<(typeof FLOW_WINDOWS)[number], number>> = {
  '15m': 900_000,
  '1h': 3_600_000,
  '6h': 21_600_000,
  '24h': 86_400_000,
  '7d': 604_800_000,
}

const text = parseAsString.withDefault('')

const FILTER = {
  id: text,
  service: text,
  destination: text,
  group: text,
  failure: text,
  messageKey: text,
  /** An attribute key; without a value any value will do. */
  attribute: text,
  value: text,
  status: parseAsStringLiteral(FLOW_STATUSES).withDefault('all'),
  /** At least and at most this long, in seconds. */
  min: parseAsFloat,
  max: parseAsFloat,
  /** A message waited at least so many seconds. */
  waited: parseAsFloat,
  attempt: parseAsInteger,
  window: parseAsStringLiteral(FLOW_WINDOWS).withDefault('1h'),
  /** A range of time in milliseconds; goes before the window. */
  from: parseAsInteger,
  to: parseAsInteger,
}

/** Which flows are listed; all of it is in the address. */
export function useFlowFilter() {
  return useQueryStates(FILTER)
}

export type FlowFilter = ReturnType<typeof useFlowFilter>[0]
export type SetFlowFilter = ReturnType<typeof useFlowFilter>[1]
