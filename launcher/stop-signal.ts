/** Two presses of Ctrl-C within this time are one: terminal and npm both pass the signal on. */
const SAME_PRESS_MS = 1_000

export interface StopSignal {
  /** Resolves (with null, for races) when somebody wants everything to end. */
  readonly requested: Promise<null>
  readonly signal: AbortSignal
}

/** Listens for Ctrl-C, SIGTERM, a closed terminal and the death of the parent; a second Ctrl-C ends at once. */
export function waitForStop(): StopSignal {
  const controller = new AbortController()
  let firstMs = 0
  const stop = (): void => {
    if (!controller.signal.aborted) {
      firstMs = performance.now()
      controller.abort()
    } else if (performance.now() - firstMs > SAME_PRESS_MS) {
      console.error('  ended at once; what was still running ends with this process')
      process.exit(130)
    }
  }
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, stop)
  process.on('disconnect', stop)
  const requested = new Promise<null>((resolve) => {
    controller.signal.addEventListener('abort', () => resolve(null), { once: true })
  })
  return { requested, signal: controller.signal }
}
