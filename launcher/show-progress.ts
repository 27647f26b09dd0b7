import { toTrouble } from './trouble.ts'

const NAME_WIDTH = 12

/** A line under the running steps, aligned with them. */
export function say(name: string, text: string): void {
  console.log(`  ${name.padEnd(NAME_WIDTH)} ${text}`)
}

const secondsSince = (startedMs: number): string => `${((performance.now() - startedMs) / 1_000).toFixed(1)} s`

/** Says that the work goes on: in place on a terminal, else every 15 s on a line of its own. */
function tick(name: string, startedMs: number, doing: () => string): NodeJS.Timeout {
  const isTerminal = process.stdout.isTTY === true
  const show = (): void => {
    const text = `${doing()} (${secondsSince(startedMs)})`
    if (isTerminal) process.stdout.write(`\r\u001B[2K  ${name.padEnd(NAME_WIDTH)} ${text}`)
    else say(name, text)
  }
  if (isTerminal) show()
  return setInterval(show, isTerminal ? 250 : 15_000)
}

/**
 * Runs one step of a start and reports it with its time. `work` answers the words for the finished line and may change
 * those for the running one.
 * @throws Trouble with `remedy`, unless the failure brings its own
 */
export async function runStep<Result>(
  name: string,
  remedy: string,
  work: (progress: (doing: string) => void) => Promise<{ readonly said: string; readonly result: Result }>,
): Promise<Result> {
  const startedMs = performance.now()
  let doing = 'working'
  const ticking = tick(name, startedMs, () => doing)
  const clear = (): void => {
    clearInterval(ticking)
    if (process.stdout.isTTY === true) process.stdout.write('\r\u001B[2K')
  }
  try {
    const { said, result } = await work((text) => {
      doing = text
    })
    clear()
    say(name, `${said} (${secondsSince(startedMs)})`)
    return result
  } catch (error) {
    clear()
    say(name, `FAILED (${secondsSince(startedMs)})`)
    throw toTrouble(error, remedy)
  }
}
