import { ownValue } from '#domain/own-value.ts'
import type { RouterOutputs } from '#trpc/router-types.ts'
import type { Tone } from '#ui/tone.ts'

export type ServiceDiagnosis = RouterOutputs['instrumentation']['list']['services'][number]
export type Finding = ServiceDiagnosis['findings'][number]

const TITLES: Readonly<Record<Finding['kind'], string>> = {
  'old-names': 'Old names',
  'system-missing': 'No messaging system',
  'group-missing': 'No consumer group',
  'conversation-missing': 'No conversation id',
  'conversation-per-hop': 'Conversation id changes per hop',
  'identity-missing': 'No message identity',
  'links-dropped': 'Links dropped',
  'attributes-dropped': 'Attributes dropped',
  'context-lost': 'Trace context lost',
  'broken-in-consumer': 'Trace breaks in the consumer',
  'batch-as-one': 'A batch is one span',
  'batch-durations': 'Durations are those of the batch',
  'fetch-only': 'Fetched, never processed',
  'work-after-end': 'Span ends before the work',
  'destination-differs': 'Two names for one place',
  'phantom-attempts': 'Phantom attempts',
  'clock-skew': 'Clocks differ',
}

const SEVERITIES: Readonly<Record<Finding['severity'], { readonly tone: Tone; readonly word: string }>> = {
  bad: { tone: 'bad', word: 'costly' },
  warn: { tone: 'warn', word: 'misleading' },
  note: { tone: 'unknown', word: 'harmless' },
}

const GENERATIONS: Readonly<Record<ServiceDiagnosis['generation'], string>> = {
  first: 'until 1.16',
  second: '1.17 to 1.25',
  current: 'current',
  both: 'current and old',
  mixed: 'mixed',
  own: 'names of its own',
  shared: '1.17 or later',
}

const LANGUAGES: Readonly<Record<string, string>> = {
  nodejs: 'Node',
  java: 'Java',
  python: 'Python',
  go: 'Go',
  dotnet: '.NET',
  rust: 'Rust',
  ruby: 'Ruby',
  php: 'PHP',
  cpp: 'C++',
}

export const findingTitle = (kind: Finding['kind']): string => TITLES[kind]
export const severityWords = (severity: Finding['severity']) => SEVERITIES[severity]
/** The name generation of the OpenTelemetry messaging conventions. */
export const generationWord = (generation: ServiceDiagnosis['generation']): string => GENERATIONS[generation]
export const languageWord = (language: string): string => ownValue(LANGUAGES, language) ?? language
