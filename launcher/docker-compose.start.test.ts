import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { COLLECTOR_FLAGS } from './collector-flags.ts'
import { ROOT } from './folders.ts'

const SECRETS = { POSTGRES_PASSWORD: 'a', THROUGHLINE_SECRET: 'b', THROUGHLINE_SEAL_KEY: 'c' }
const CLIENTS = [['docker', 'compose'], ['docker-compose']]

/** The first Compose client of this machine; neither needs an engine to read the file. */
const client = CLIENTS.find(([program = '', ...args]) => spawnSync(program, [...args, 'version']).status === 0)

/** Runs the client without this folder's own .env and without this shell's variables. */
function compose(args: readonly string[], environment: Record<string, string>) {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-compose-'))
  const [program = '', ...first] = client ?? []
  try {
    writeFileSync(join(folder, 'empty.env'), '')
    return spawnSync(program, [...first, '--env-file', join(folder, 'empty.env'), ...args], {
      cwd: ROOT,
      encoding: 'utf8',
      env: { NODE_ENV: 'test', PATH: process.env['PATH'], HOME: folder, ...environment },
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

test('docker-compose.yml is valid with every profile, once the secrets are set', (context) => {
  context.skip(client === undefined, 'no Compose client')
  const answer = compose(['--profile', 'demo', '--profile', 'rabbitmq', 'config', '--services'], SECRETS)
  expect(answer.stderr).toBe('')
  const services = answer.stdout.trim().split('\n').toSorted()
  expect(services).toEqual(['collector', 'demo', 'kafka', 'postgres', 'prepare', 'rabbitmq', 'web'])
})

test('docker-compose.yml refuses to run without secrets of its own', (context) => {
  context.skip(client === undefined, 'no Compose client')
  const answer = compose(['config'], {})
  expect(answer.status).not.toBe(0)
  expect(answer.stderr).toContain('set it in .env')
})

test('the collector runs with the same flags in a container as at home', () => {
  const file = readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8')
  expect(file).toContain(`command: [node, ${COLLECTOR_FLAGS.join(', ')}, src/collector/main.ts]`)
})
