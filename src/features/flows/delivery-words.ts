import type { ConsumerAttribution } from '#domain/flow/attribute-consumer.ts'
import type { DeliveryVerdictKind } from '#domain/flow/judge-delivery.ts'
import type { Tone } from '#ui/tone.ts'

const VERDICTS: Readonly<Record<DeliveryVerdictKind, { readonly word: string; readonly tone: Tone }>> = {
  taken: { word: 'Taken', tone: 'ok' },
  waiting: { word: 'Waiting', tone: 'warn' },
  passed: { word: 'Passed, not traced', tone: 'unknown' },
  'not-seen': { word: 'Not seen', tone: 'unknown' },
}

export const deliveryWords = (kind: DeliveryVerdictKind) => VERDICTS[kind]

const CONFIDENCE: Readonly<Record<ConsumerAttribution['confidence'], string>> = {
  said: 'said by the span',
  certain: 'certain',
  likely: 'likely',
  unknown: 'group not known',
}

export const confidenceWords = (confidence: ConsumerAttribution['confidence']): string => CONFIDENCE[confidence]
