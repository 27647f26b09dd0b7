import type { Connector, ConnectorState, ConnectorVerb } from '#domain/connect/connector.ts'
import type { Tone } from '#ui/tone.ts'

const TONES: Readonly<Record<ConnectorState, Tone>> = {
  RUNNING: 'ok',
  PAUSED: 'paused',
  STOPPED: 'paused',
  FAILED: 'bad',
  UNASSIGNED: 'warn',
  RESTARTING: 'active',
  UNKNOWN: 'unknown',
}

/** `RUNNING` as people write it, and its colour. */
export const connectorWords = (state: ConnectorState): { readonly word: string; readonly tone: Tone } => ({
  word: `${state.charAt(0)}${state.slice(1).toLowerCase()}`,
  tone: TONES[state],
})

/** A connector that runs while a task of it does not is in trouble all the same. */
export function worstOf({ state, tasks }: Connector): ConnectorState {
  if (state === 'RUNNING' && tasks.some((task) => task.state === 'FAILED')) return 'FAILED'
  return state
}

/** `2 running, 1 failed` */
export function describeTasks({ tasks }: Connector): string {
  const counts = [...Map.groupBy(tasks, ({ state }) => state)].map(
    ([state, of]) => `${of.length} ${connectorWords(state).word.toLowerCase()}`,
  )
  return counts.length === 0 ? 'no tasks' : counts.join(', ')
}

/** What can be asked of a connector as it stands; a restart of a single task is asked for at the task. */
export function possibleVerbs({ state, tasks }: Connector): readonly ConnectorVerb[] {
  const hasFailed = state === 'FAILED' || tasks.some((task) => task.state === 'FAILED')
  switch (state) {
    case 'PAUSED':
      return ['resume', 'stop']
    case 'STOPPED':
      return ['resume', 'reset-offsets']
    default:
      return [...(hasFailed ? (['restart-failed'] as const) : []), 'pause', 'stop', 'restart']
  }
}

interface VerbWords {
  readonly act: string
  readonly consequence: string
}

export const VERB_WORDS: Readonly<Record<ConnectorVerb, VerbWords>> = {
  pause: {
    act: 'Pause',
    consequence: 'Its tasks stop working and keep what they hold; its consumers stay members of their group.',
  },
  resume: { act: 'Resume', consequence: 'Its tasks go on from where they stand.' },
  stop: {
    act: 'Stop',
    consequence:
      'Its tasks are ended, its consumers leave their group, and its positions can be set. Needs Connect 3.5.',
  },
  restart: { act: 'Restart', consequence: 'The connector and all of its tasks are ended and begun again.' },
  'restart-failed': { act: 'Restart what failed', consequence: 'What has failed is begun again; the rest works on.' },
  'restart-task': { act: 'Restart task', consequence: 'This one task is ended and begun again.' },
  'reset-offsets': {
    act: 'Reset offsets',
    consequence:
      'Its positions are forgotten: resumed, a sink begins where its settings say, a source from the very beginning. What they were stays on record. Needs Connect 3.6.',
  },
}
