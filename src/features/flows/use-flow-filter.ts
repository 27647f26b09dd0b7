'use client'
import { parseAsFloat, parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs'

export const FLOW_WINDOWS = ['15m', '1h', '6h', '24h', '7d'] as const
export const FLOW_STATUSES = ['all', 'error', 'ok'] as const

export const FLOW_WINDOW_MS: Readonly<Record<(typeof FLOW_WINDOWS)[number], number>> = {
  '15m': 900_000,
  '1h': 3_600_000,
  '6h': 21_600_000,
  '24h': 86_400_000,
  '7d': 604_800_000,
}

const FILTER = {
  id: parseAsString.withDefault(''),
  service: parseAsString.withDefault(''),
  destination: parseAsString.withDefault(''),
  status: parseAsStringLiteral(FLOW_STATUSES).withDefault('all'),
  /** At least this long, in seconds. */
  min: parseAsFloat,
  window: parseAsStringLiteral(FLOW_WINDOWS).withDefault('1h'),
}

/** Which flows are listed; all of it is in the address. */
export function useFlowFilter() {
  return useQueryStates(FILTER)
}
