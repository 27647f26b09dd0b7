/** On what the specs run: the best broker that this machine has, or what a machine with nothing but Node gets. */
export type Round = 'usual' | 'bare'

const VARIABLE = 'THROUGHLINE_E2E_ROUND'

/** The main job, which has to work on Postgres queues as it does on Kafka. */
export const BARE_STORIES = [
  'following-an-event.e2e.ts',
  'redriving-dead-letters.e2e.ts',
  'watching-consumers.e2e.ts',
] as const

export const currentRound = (): Round => (process.env[VARIABLE] === 'bare' ? 'bare' : 'usual')

/** What a Playwright run is told its round by. */
export const roundEnvironment = (round: Round): Record<string, string> => ({ [VARIABLE]: round })
