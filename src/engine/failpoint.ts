import { Failure } from '#domain/failure.ts'

/** The edges of the write protocol, in its order; a test can end, hang or fail the process at each of them. */
export const FAILPOINT_STEPS = [
  'picked',
  'claiming',
  'claimed',
  'sending',
  'sent',
  'confirming',
  'confirmed',
  'removing',
  'removed',
] as const
export type FailpointStep = (typeof FAILPOINT_STEPS)[number]

/** Called at every edge; does nothing unless that edge was asked for. */
export type Failpoint = (step: FailpointStep) => Promise<void>

export const NO_FAILPOINT: Failpoint = async () => undefined

/**
 * Reads `<step>:<n>:exit|hang|throw`: at the n-th time that the step is reached the process kills itself without any
 * clean-up, never comes back from there, or throws.
 *
 * @throws Failure `invalid` for another text, or in production
 */
export function createFailpoint(text: string | undefined, nodeEnvironment: string): Failpoint {
  if (text === undefined || text === '') return NO_FAILPOINT
  if (nodeEnvironment === 'production') throw new Failure('invalid', 'FAILPOINT is refused in production')
  const [step, nth, effect, ...rest] = text.split(':')
  const isKnown = FAILPOINT_STEPS.some((known) => known === step) && /^[1-9]\d*$/.test(nth ?? '')
  if (!isKnown || rest.length > 0 || (effect !== 'exit' && effect !== 'hang' && effect !== 'throw')) {
    throw new Failure('invalid', `FAILPOINT=${text} is not <step>:<n>:exit|hang|throw`)
  }
  let reached = 0
  return async (at) => {
    if (at !== step) return
    reached += 1
    if (reached !== Number(nth)) return
    if (effect === 'throw') throw new Failure('internal', `failpoint ${text}`)
    if (effect === 'exit') process.kill(process.pid, 'SIGKILL')
    await new Promise(() => undefined)
  }
}
