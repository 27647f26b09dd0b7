import { setTimeout as delay } from 'node:timers/promises'
import { lastLines, type RunningProcess } from './child-process.ts'
import { say } from './show-progress.ts'

/** One thing that runs under the launcher. */
export interface Part {
  readonly name: string
  readonly logFile: string
  readonly start: () => Promise<RunningProcess>
}

const FIRST_DELAY_MS = 1_000
const LONGEST_DELAY_MS = 30_000
/** A part that lived this long before it died is started again at once. */
const STABLE_MS = 60_000

/** Keeps parts running: one that dies is reported with its last lines and started again, ever later. */
export class Supervisor {
  readonly #running: { readonly name: string; current: RunningProcess | null }[] = []
  readonly #onChange: (pids: Readonly<Record<string, number>>) => void
  readonly #stopping = new AbortController()

  constructor(onChange: (pids: Readonly<Record<string, number>>) => void) {
    this.#onChange = onChange
  }

  /** @throws what the part's own start throws */
  async start(part: Part): Promise<RunningProcess> {
    const process = await part.start()
    const entry = { name: part.name, current: process as RunningProcess | null }
    this.#running.push(entry)
    if (this.#stopping.signal.aborted) await process.stop()
    else void this.#keep(part, entry, process)
    return process
  }

  pids(): Record<string, number> {
    return Object.fromEntries(this.#running.flatMap(({ name, current }) => (current ? [[name, current.pid]] : [])))
  }

  /** Ends all parts, the last started first. */
  async stopAll(): Promise<void> {
    this.#stopping.abort()
    for (const { name, current } of this.#running.toReversed()) {
      if (current === null) continue
      await current.stop()
      say(name, 'stopped')
    }
  }

  async #keep(part: Part, entry: { current: RunningProcess | null }, first: RunningProcess): Promise<void> {
    let process = first
    let delayMs = FIRST_DELAY_MS
    for (;;) {
      const startedMs = performance.now()
      const how = await process.exited
      if (this.#stopping.signal.aborted) return
      entry.current = null
      if (performance.now() - startedMs > STABLE_MS) delayMs = FIRST_DELAY_MS
      console.error(
        `\n  ${part.name} ended unexpectedly (${how}); it is started again in ${delayMs / 1_000} s. ` +
          `Its last lines, all of them in ${part.logFile}:\n${lastLines(part.logFile)}`,
      )
      const next = await this.#startAgain(part, delayMs)
      if (next === null) return
      process = next
      entry.current = next
      say(part.name, `runs again (pid ${next.pid})`)
      this.#onChange(this.pids())
      delayMs = Math.min(delayMs * 2, LONGEST_DELAY_MS)
    }
  }

  /** Tries until it works or the whole is stopped; null = stopped. */
  async #startAgain(part: Part, firstDelayMs: number): Promise<RunningProcess | null> {
    for (let delayMs = firstDelayMs; ; delayMs = Math.min(delayMs * 2, LONGEST_DELAY_MS)) {
      await delay(delayMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined)
      if (this.#stopping.signal.aborted) return null
      try {
        const process = await part.start()
        if (!this.#stopping.signal.aborted) return process
        await process.stop()
        return null
      } catch (error) {
        console.error(`  ${part.name} did not start: ${error instanceof Error ? error.message : String(error)}`)
      }
    }
  }
}
