/** What can be asked of a Kafka Connect connector. `stop` also ends its tasks, and lets its positions be set. */
export const CONNECTOR_VERBS = [
  'pause',
  'resume',
  'stop',
  'restart',
  'restart-failed',
  'restart-task',
  'reset-offsets',
] as const
export type ConnectorVerb = (typeof CONNECTOR_VERBS)[number]

/** As Kafka Connect spells them. */
export const CONNECTOR_STATES = ['RUNNING', 'PAUSED', 'STOPPED', 'FAILED', 'UNASSIGNED', 'RESTARTING'] as const
export type ConnectorState = (typeof CONNECTOR_STATES)[number] | 'UNKNOWN'

export interface ConnectorTask {
  readonly id: number
  readonly state: ConnectorState
  /** The worker that runs it, as host:port. */
  readonly worker: string | null
  /** The first line of why it failed. */
  readonly failure: string | null
}

export interface Connector {
  /** Address of the Kafka Connect that answered for it. */
  readonly connect: string
  readonly name: string
  readonly type: 'sink' | 'source' | 'unknown'
  /** The class without its package. */
  readonly className: string | null
  readonly state: ConnectorState
  readonly failure: string | null
  readonly tasks: readonly ConnectorTask[]
  /** The consumer group of a sink; null for a source, or where only the worker can tell. */
  readonly group: string | null
}

/** One position that a connector keeps: of a sink a partition's offset, of a source whatever it calls so. */
export interface ConnectorOffset {
  readonly partition: Readonly<Record<string, unknown>>
  readonly offset: Readonly<Record<string, unknown>> | null
}

/** A wish about one connector. */
export interface ConnectorAct {
  readonly connect: string
  readonly connector: string
  readonly verb: ConnectorVerb
  /** Of `restart-task`. */
  readonly task: number | null
}

export type ConnectorEffect = 'seen' | 'failed-again' | 'not-yet'

/**
 * Whether what was asked for has taken effect by what Connect now says: `not-yet` while it is under way. A restart is
 * over when nothing that it concerns is left in between; what fails again has been restarted all the same, and is told.
 */
export function judgeConnectorEffect(
  { verb, task }: Pick<ConnectorAct, 'verb' | 'task'>,
  connector: Connector,
): ConnectorEffect {
  const { state, tasks } = connector
  switch (verb) {
    case 'pause':
      return state === 'PAUSED' && tasks.every((one) => one.state === 'PAUSED' || one.state === 'FAILED')
        ? 'seen'
        : 'not-yet'
    case 'stop':
    case 'reset-offsets':
      return state === 'STOPPED' && tasks.length === 0 ? 'seen' : 'not-yet'
    case 'resume':
    case 'restart':
    case 'restart-failed':
      // Tasks come after their connector: without any it is still on its way.
      return judgeRunning([state, ...tasks.map((one) => one.state)], tasks.length > 0)
    case 'restart-task':
      return judgeRunning(tasks.filter(({ id }) => id === task).map((one) => one.state))
  }
}

function judgeRunning(states: readonly ConnectorState[], isComplete = states.length > 0): ConnectorEffect {
  if (states.includes('FAILED')) return 'failed-again'
  return isComplete && states.every((state) => state === 'RUNNING') ? 'seen' : 'not-yet'
}
