import type { MessageEdge, MessageNode } from '#domain/flow/message-graph.ts'
import { formatDurationUs } from '#ui/format/duration.ts'
import type { Tone } from '#ui/tone.ts'
import { evidenceWords, hopWords } from '#features/flows/flow-words.ts'

const EDGE_WORDS: Readonly<Record<MessageEdge['kind'], string>> = {
  sends: 'sent',
  takes: 'taken',
  dies: 'given up',
  redrives: 'sent again',
}

export const edgeWord = (edge: MessageEdge): string => EDGE_WORDS[edge.kind]

const SAID: Readonly<Record<MessageEdge['kind'], string>> = {
  sends: 'sent inside this work · certain',
  takes: 'certain',
  dies: 'read in the dead-letter place · certain',
  redrives: 'our own record of the operation · certain',
}

/** How sure a step is and how that is known. */
export function edgeEvidence({ joinedBy, oneOf, confidence, kind }: MessageEdge): string {
  if (confidence === 'one-of' && oneOf !== null) return `one of ${oneOf} outputs of a batch; nothing tells which`
  if (joinedBy !== null) return evidenceWords(joinedBy)
  return SAID[kind]
}

/** What stands on the line of a delivery: how long it waited, and which attempt it was. */
export function edgeLabel({ dwellUs, attempt, oneOf }: MessageEdge): string | null {
  const parts = [
    dwellUs === null ? null : formatDurationUs(dwellUs),
    attempt !== null && attempt > 1 ? `attempt ${attempt}` : null,
    oneOf === null ? null : `1 of ${oneOf}`,
  ].filter((part) => part !== null)
  return parts.length === 0 ? null : parts.join(' · ')
}

const KIND_WORDS: Readonly<Record<MessageNode['kind'], string>> = {
  work: 'work of',
  message: 'message in',
  'dead-letter': 'dead letter in',
  operation: 'our operation',
}

/** The state of a node where it is worth a colour; null when all is well or nothing is known. */
export function nodeTone({ kind, outcome }: MessageNode): Tone | null {
  if (kind === 'operation') return 'active'
  if (kind === 'dead-letter') return 'bad'
  if (kind === 'message' && outcome === 'in-flight') return 'warn'
  if (outcome === null || outcome === 'processed') return null
  return hopWords(outcome).tone
}

/** A node as it is read out. */
export function nodeSentence(node: MessageNode): string {
  const { kind, name, detail, outcome } = node
  return [
    `${KIND_WORDS[kind]} ${name}`,
    detail,
    kind === 'message' && outcome === 'in-flight'
      ? 'nobody was seen taking it'
      : outcome === null
        ? null
        : hopWords(outcome).word,
  ]
    .filter((part) => part !== null)
    .join(', ')
}
