import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { processCommandLine } from './process-command-line.ts'

/** What a running installation tells others, in `run.json` of its data folder. Holds no secret but the database's URL. */
export interface RunState {
  readonly pid: number
  readonly mode: 'start' | 'dev'
  readonly startedAt: string
  readonly url: string
  readonly databaseUrl: string
  readonly otlpHttpUrl: string
  readonly otlpGrpcAddress: string
  readonly controlUrl: string
  readonly broker: BrokerState
  /** The second broker of the demo; null where there is none. */
  readonly rabbitmq: RabbitmqState | null
  readonly demoUrl: string | null
  /** Process ids by name, as of the last (re)start of each. */
  readonly pids: Readonly<Record<string, number>>
}

/** The broker that the demo uses and that the collector was told of. */
export type BrokerState =
  | { readonly kind: 'kafka'; readonly how: string; readonly clusterId: string; readonly brokers: readonly string[] }
  | { readonly kind: 'pgqueue'; readonly how: string; readonly clusterId: string; readonly schema: string }

/** Its user may sign in from this machine alone. */
export interface RabbitmqState {
  readonly address: string
  readonly managementUrl: string
  readonly username: string
  readonly password: string
}

const stateFile = (folder: string): string => join(folder, 'run.json')

/** Written beside and renamed, so that a reader never sees half of it; only this user can read it. */
export function writeRunState(folder: string, state: RunState): void {
  const file = stateFile(folder)
  writeFileSync(`${file}.new`, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 })
  renameSync(`${file}.new`, file)
}

export function removeRunState(folder: string): void {
  rmSync(stateFile(folder), { force: true })
}

/** The processes of an installation that live at this moment, the launcher's included. */
export function findLiving(state: RunState): number[] {
  return [state.pid, ...Object.values(state.pids)].filter((pid) => processCommandLine(pid) !== null)
}

/** The installation that runs on this data folder now, or null. What a killed one left behind does not count. */
export function findRunning(folder: string): RunState | null {
  if (!existsSync(stateFile(folder))) return null
  const state: RunState = JSON.parse(readFileSync(stateFile(folder), 'utf8'))
  return processCommandLine(state.pid)?.includes('launcher/main.ts') === true ? state : null
}
