import type { DeadLetterState } from '#domain/dead-letter/dead-letter.ts'
import type { Tone } from '#ui/tone.ts'

const WORDS: Readonly<Record<DeadLetterState, { readonly word: string; readonly tone: Tone }>> = {
  open: { word: 'Open', tone: 'bad' },
  redriven: { word: 'Redriven', tone: 'active' },
  discarded: { word: 'Discarded', tone: 'unknown' },
  expired: { word: 'Expired', tone: 'unknown' },
}

export const deadLetterWords = (state: DeadLetterState): { readonly word: string; readonly tone: Tone } => WORDS[state]
