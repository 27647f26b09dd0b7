import type { RouterOutputs } from '#trpc/router-types.ts'

type State = RouterOutputs['reset']['list'][number]['state']

/** How an act on consumers stands, in words and colour. */
export const RESET_STATES: Readonly<
  Record<State, { readonly word: string; readonly tone: 'ok' | 'warn' | 'bad' | 'active' | 'unknown' }>
> = {
  planned: { word: 'Planned', tone: 'unknown' },
  asked: { word: 'Under way', tone: 'active' },
  done: { word: 'Done', tone: 'ok' },
  partly: { word: 'Done in part', tone: 'warn' },
  refused: { word: 'Refused', tone: 'warn' },
  failed: { word: 'Failed', tone: 'bad' },
  unknown: { word: 'Not known', tone: 'warn' },
}
