import type { LagState } from '#domain/lag/lag-status.ts'
import type { Tone } from '#ui/tone.ts'

interface LagWords {
  readonly word: string
  readonly tone: Tone
}

const WORDS: Readonly<Record<LagState, LagWords>> = {
  DATA_LOSS: { word: 'Losing data', tone: 'bad' },
  STOPPED: { word: 'Stopped', tone: 'bad' },
  STALLED: { word: 'Stalled', tone: 'bad' },
  REWOUND: { word: 'Rewound', tone: 'warn' },
  LAGGING: { word: 'Lagging', tone: 'warn' },
  REBALANCING: { word: 'Rebalancing', tone: 'warn' },
  ORPHANED: { word: 'Nobody reads', tone: 'warn' },
  PAUSED: { word: 'Paused', tone: 'paused' },
  UNKNOWN: { word: 'Unknown', tone: 'unknown' },
  NO_COMMIT: { word: 'No commit yet', tone: 'unknown' },
  WARMING: { word: 'Warming up', tone: 'unknown' },
  OK: { word: 'OK', tone: 'ok' },
}

export const lagWords = (state: LagState): LagWords => WORDS[state]

/** For states that arrive as text; null when it is none. */
export function lagWordsOf(state: string | null): LagWords | null {
  return state !== null && state in WORDS ? WORDS[state as LagState] : null
}
