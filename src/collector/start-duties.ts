import type { CollectorContext, Duty } from '#collector/duty.ts'

export interface DutyStarter {
  readonly name: string
  readonly isEnabled: boolean
  readonly start: (context: CollectorContext) => Promise<Duty>
}

/** Starts the enabled duties in order. When one fails to start, those before it are stopped again. */
export async function startDuties(
  context: CollectorContext,
  starters: readonly DutyStarter[],
): Promise<readonly Duty[]> {
  const started: Duty[] = []
  for (const starter of starters) {
    if (!starter.isEnabled) continue
    try {
      started.push(await starter.start(context))
    } catch (error) {
      await stopDuties(started)
      throw error
    }
  }
  return started
}

/** All at once: none waits for another, so the slowest one bounds the stop. */
export async function stopDuties(duties: readonly Duty[]): Promise<void> {
  await Promise.all(duties.map((duty) => duty.stop()))
}
