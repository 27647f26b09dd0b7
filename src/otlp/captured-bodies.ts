import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

/** For tests and benchmarks: captured runs of stock clients, in the repository. */
export const CAPTURES = join(import.meta.dirname, '../../fixtures/otlp')

/** The captures that can be judged: a folder with a truth. */
export const listCaptures = (): readonly string[] =>
  readdirSync(CAPTURES)
    .filter((name) => readdirSync(join(CAPTURES, name)).includes('truth.json'))
    .toSorted()

interface CapturedRequest {
  readonly file: string
  readonly path: string
}

export interface CapturedBody {
  readonly path: string
  readonly isJson: boolean
  readonly body: Buffer
}

/** The bodies of a capture in the order in which they came, inflated. */
export function bodiesOf(scenario: string): readonly CapturedBody[] {
  const folder = join(CAPTURES, scenario)
  const files = new Set(readdirSync(folder))
  return readFileSync(join(folder, 'requests.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as CapturedRequest)
    .map(({ file, path }) => ({ file: file.replace(/\.gz$/, ''), path }))
    .filter(({ file }) => files.has(`${file}.gz`) || files.has(file))
    .map(({ file, path }) => {
      const isPacked = files.has(`${file}.gz`)
      const stored = readFileSync(join(folder, isPacked ? `${file}.gz` : file))
      const once = isPacked ? gunzipSync(stored) : stored
      const body = once[0] === 0x1f && once[1] === 0x8b ? gunzipSync(once) : once
      return { path, isJson: file.endsWith('.json'), body }
    })
}

/** Sends one body to a collector as the client did. @returns the answer, whatever its status. */
export const postBody = (port: number, { path, isJson, body }: CapturedBody): Promise<Response> =>
  fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'POST',
    headers: { 'content-type': isJson ? 'application/json' : 'application/x-protobuf' },
    body: new Uint8Array(body),
  })
