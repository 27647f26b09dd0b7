import type { FlowStatus, HopOutcome, JoinEvidence } from '#domain/flow/flow.ts'
import type { Tone } from '#ui/tone.ts'

interface Words {
  readonly word: string
  readonly tone: Tone
}

const STATUS: Readonly<Record<FlowStatus, Words>> = {
  completed: { word: 'Completed', tone: 'ok' },
  failed: { word: 'Failed', tone: 'bad' },
  'dead-lettered': { word: 'Dead-lettered', tone: 'bad' },
  redriven: { word: 'Redriven', tone: 'active' },
  running: { word: 'Running', tone: 'unknown' },
}

export const flowWords = (status: FlowStatus): Words => STATUS[status]

const OUTCOMES: Readonly<Record<HopOutcome, Words>> = {
  processed: { word: 'Processed', tone: 'ok' },
  failed: { word: 'Failed', tone: 'bad' },
  'dead-lettered': { word: 'Dead-lettered', tone: 'bad' },
  'in-flight': { word: 'In flight', tone: 'active' },
  waiting: { word: 'Waiting', tone: 'warn' },
  unknown: { word: 'Unknown', tone: 'unknown' },
}

export const hopWords = (outcome: HopOutcome): Words => OUTCOMES[outcome]

const EVIDENCE: Readonly<Record<JoinEvidence, string>> = {
  link: 'span link · certain',
  parent: 'parent span · certain',
  'message-id': 'message id · very likely',
  position: 'position in the destination · certain',
  'operation-item': 'our own mark on the copy · certain',
  key: 'the same record key, where links were cut · likely',
  none: 'not joined: one half is missing',
}

export const evidenceWords = (evidence: JoinEvidence): string => EVIDENCE[evidence]
