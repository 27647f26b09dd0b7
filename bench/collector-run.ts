import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import type pg from 'pg'
import { COLLECTOR_FLAGS } from '../launcher/collector-flags.ts'
import type { Bench } from './bench-run.ts'

const CONNECTIONS = 24

export interface CollectorRun {
  readonly port: number
  readonly child: ChildProcess
  /** Ends it as an operator would; resolves when it is gone. */
  readonly stop: () => Promise<void>
}

/** The collector's ingest duty as a process of its own, so that its CPU and memory can be told apart. */
export async function startCollector(bench: Bench, databaseUrl: string): Promise<CollectorRun> {
  const child = spawn(process.execPath, [...COLLECTOR_FLAGS, join(import.meta.dirname, 'ingest-collector.ts')], {
    env: { ...process.env, DATABASE_URL: databaseUrl },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null) return
    child.kill('SIGTERM')
    await once(child, 'exit')
  }
  bench.onEnd(stop)
  const [line] = (await once(child.stdout!, 'data')) as [Buffer]
  return { child, stop, port: Number(/port (\d+)/.exec(line.toString())?.[1]) }
}

function post(agent: Agent, port: number, body: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = {
      'content-type': 'application/x-protobuf',
      'content-encoding': 'gzip',
      'content-length': body.length,
    }
    const sent = request({ agent, port, host: '127.0.0.1', path: '/v1/traces', method: 'POST', headers }, (answer) => {
      answer.resume()
      answer.on('end', () => resolve(answer.statusCode ?? 0))
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

/**
 * Sends every body over closed-loop connections, as fast as they are acknowledged or at a steady pace; gives the seconds
 * it took and the times to acknowledge in ms, counted from when a body was due.
 */
export async function sendAll(
  port: number,
  bodies: readonly Buffer[],
  bodiesPerSecond = Number.POSITIVE_INFINITY,
): Promise<{ readonly seconds: number; readonly ackMs: readonly number[] }> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })
  let next = 0
  const ackMs: number[] = []
  const startedMs = performance.now()
  const sender = async (): Promise<void> => {
    for (let place = next++; place < bodies.length; place = next++) {
      const dueMs = Math.max(startedMs + (place * 1_000) / bodiesPerSecond, 0)
      const waitMs = dueMs - performance.now()
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs))
      const sentMs = Number.isFinite(bodiesPerSecond) ? dueMs : performance.now()
      const body = bodies[place]!
      let status = await post(agent, port, body)
      while (status === 503) {
        await new Promise((resolve) => setTimeout(resolve, 50))
        status = await post(agent, port, body)
      }
      if (status !== 200) throw new Error(`the collector answered ${status}`)
      ackMs.push(performance.now() - sentMs)
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, sender))
  agent.destroy()
  return { seconds: (performance.now() - startedMs) / 1_000, ackMs }
}

const statOf = (pid: number | string): readonly string[] =>
  readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
const TICKS_PER_SECOND = 100

/** CPU seconds that a process has used. */
export const cpuSeconds = (pid: number): number => {
  const fields = statOf(pid)
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}

/** CPU seconds that the server behind a pool has used: its living backends and those that have ended. */
export async function serverCpuSeconds(pool: pg.Pool): Promise<number> {
  const found = await pool.query<{ pid: number }>('select pg_backend_pid() as pid')
  const server = Number(statOf(found.rows[0]!.pid)[1])
  let seconds = (Number(statOf(server)[13]) + Number(statOf(server)[14])) / TICKS_PER_SECOND
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      if (Number(statOf(pid)[1]) === server) seconds += cpuSeconds(Number(pid))
    } catch {
      // It has ended since the folder was read.
    }
  }
  return seconds
}

/** Memory of a process in MB: now, and the most so far. */
export function memoryMb(pid: number): { readonly now: number; readonly peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const read = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1_024
  return { now: read('VmRSS'), peak: read('VmHWM') }
}
