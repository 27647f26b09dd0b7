'use client'
import { parseAsInteger, parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs'

export const TOPOLOGY_WINDOWS = ['5m', '15m', '1h'] as const

export const TOPOLOGY_WINDOW_MS: Readonly<Record<(typeof TOPOLOGY_WINDOWS)[number], number>> = {
  '5m': 300_000,
  '15m': 900_000,
  '1h': 3_600_000,
}

export const SLIDER_REACHES = ['24h', '7d', '30d', '90d', '1y'] as const

const VIEW = {
  /** The node whose details are open. */
  node: parseAsString,
  /** Only what leads to this node and what follows from it. */
  path: parseAsString,
  /** End of the window in ms; absent = now. */
  at: parseAsInteger,
  /** How far back the slider goes; absent = as far as the moment needs. */
  reach: parseAsStringLiteral(SLIDER_REACHES),
  window: parseAsStringLiteral(TOPOLOGY_WINDOWS).withDefault('5m'),
  as: parseAsStringLiteral(['map', 'table'] as const).withDefault('map'),
}

/** What of the topology is shown and when; all of it is in the address. */
export function useTopologyView() {
  return useQueryStates(VIEW)
}
