import type { TimeShare } from '#domain/flow/flow.ts'

type Kind = TimeShare['kind']

/** How each kind of time is named and filled. */
export const TIME_SHARE_LOOK: Readonly<Record<Kind, { readonly word: string; readonly className: string }>> = {
  processing: { word: 'processing', className: 'bg-accent' },
  queue: { word: 'in queue', className: 'hatch-queue' },
  'back-off': { word: 'retry back-off', className: 'bg-backoff' },
  parked: { word: 'parked as a dead letter', className: 'hatch-parked' },
  idle: { word: 'nothing known', className: 'bg-line' },
}

export const TIME_SHARE_ORDER: readonly Kind[] = ['processing', 'queue', 'back-off', 'parked', 'idle']
