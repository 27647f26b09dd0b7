import type { RouterOutputs } from '#trpc/router-types.ts'
import type { Tone } from '#ui/tone.ts'
import { lagWordsOf } from '#features/consumers/lag-words.ts'

export type AttentionItem = RouterOutputs['overview']['summary']['attention'][number]

/** What kind of trouble it is, as a mark. */
export function attentionWords(item: AttentionItem): { readonly word: string; readonly tone: Tone } {
  switch (item.kind) {
    case 'consumer':
      return lagWordsOf(item.state) ?? { word: 'Consumer', tone: 'warn' }
    case 'pause':
      return { word: 'Pause', tone: 'bad' }
    case 'stuck':
      return { word: 'Stuck', tone: 'warn' }
    case 'dead-letters':
      return { word: 'Dead letters', tone: 'bad' }
    case 'cluster':
      return { word: 'Unreachable', tone: 'bad' }
    case 'operation':
      if (item.state === 'paused') return { word: 'Paused', tone: 'paused' }
      return item.state === 'partial' ? { word: 'Gaps', tone: 'warn' } : { word: 'Failed', tone: 'bad' }
  }
}
