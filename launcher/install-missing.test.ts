import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { installPackages } from './install-missing.ts'
import { prepareTests, providePrerequisite } from './prepare-tests.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'throughline-install-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Stands in for apt-get: writes down how it was called, and ends with `status`. */
function makeAptGet(status: number): string {
  const path = join(folder, 'apt-get')
  writeFileSync(path, `#!/bin/sh\necho "$DEBIAN_FRONTEND $*" >> ${join(folder, 'calls')}\nexit ${status}\n`)
  chmodSync(path, 0o755)
  return path
}
const calls = (): string[] => {
  const file = join(folder, 'calls')
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []
}

test('root on a Debian-like system gets what is missing, without a question asked', () => {
  expect(installPackages(['maven', 'libnss3'], { aptGet: makeAptGet(0), isRoot: true })).toBe(
    'installed maven, libnss3',
  )
  expect(calls()).toEqual([
    'noninteractive update -qq',
    'noninteractive install -y -qq --no-install-recommends maven libnss3',
  ])
})

test('without apt-get, or without the right to use it, nothing is tried and the reason is said', () => {
  expect(installPackages(['maven'], { aptGet: null, isRoot: true })).toContain('not a Debian-like system')
  expect(installPackages(['maven'], { aptGet: makeAptGet(0), isRoot: false })).toContain('only root')
  expect(calls()).toEqual([])
})

test('an apt-get that fails (no network, no such package) is said to have failed', () => {
  expect(installPackages(['maven'], { aptGet: makeAptGet(100), isRoot: true })).toBe('apt-get could not install maven')
})

const prerequisite = (answers: (string | null)[]) => ({
  tests: 'tests on Kafka',
  kinds: ['contract'] as const,
  packages: ['maven'],
  findMissing: async () => answers.shift() ?? null,
})

test('what is there is not installed', async () => {
  const install = () => expect.unreachable('nothing is missing')
  expect(await providePrerequisite(prerequisite([null]), install)).toBeNull()
})

test('what was missing and could be installed leaves no test out', async () => {
  expect(await providePrerequisite(prerequisite(['no Maven', null]), () => 'installed maven')).toBe('installed maven')
})

test('what stays missing is named with its reason, and so are the tests that are left out', async () => {
  const note = await providePrerequisite(prerequisite(['no Maven', 'no Maven']), () => 'only root can install packages')
  expect(note).toBe('tests on Kafka are skipped: no Maven; only root can install packages')
})

test('kinds that need nothing are not asked for anything', async () => {
  expect(await prepareTests(['check', 'unit', 'dom', 'db'], false)).toEqual([])
})
