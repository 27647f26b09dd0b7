import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findMissingBuilds, type Lockfile } from './checks/lockfile.ts'
import { ROOT } from './folders.ts'

/** What the tools read; the sources themselves are left out, so types, walls and dead code have nothing to say here. */
const COPIED = ['launcher', 'drizzle', 'package.json', 'tsconfig.json', '.oxfmtrc.json', '.oxlintrc.json']
const UNTIDY = 'export   const half = (whole : number) : number => {\n  let part = whole/2; return part }\n'

let folder: string

beforeEach(() => {
  // Below the repository, so that its dependencies are found, and nothing of them is within reach of a repair.
  mkdirSync(join(ROOT, '.cache'), { recursive: true })
  folder = mkdtempSync(join(ROOT, '.cache', 'check-fix-'))
  for (const name of COPIED) cpSync(join(ROOT, name), join(folder, name), { recursive: true })
  for (const room of ['src', 'demo', 'bench', 'e2e']) mkdirSync(join(folder, room))
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(join(ROOT, 'node_modules', '.bin'), join(folder, 'node_modules', '.bin'))
  spawnSync('git', ['init', '--quiet'], { cwd: folder })
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('npm run check -- --fix repairs format, what lint can repair, and a lockfile that lacks platform builds', () => {
  const lockfile: Lockfile = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'))
  const builds = Object.keys(lockfile.packages).filter((path) => /esbuild\/(win32|aix)/.test(path))
  const packages = Object.fromEntries(Object.entries(lockfile.packages).filter(([path]) => !builds.includes(path)))
  expect(findMissingBuilds({ packages }).length).toBeGreaterThan(0)
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ ...lockfile, packages }))
  writeFileSync(join(folder, 'src', 'half.ts'), UNTIDY)

  const { stdout } = spawnSync(process.execPath, [join('launcher', 'main.ts'), 'check', '--fix'], {
    cwd: folder,
    encoding: 'utf8',
  })
  expect(readFileSync(join(folder, 'src', 'half.ts'), 'utf8')).toBe(
    'export const half = (whole: number): number => {\n  const part = whole / 2\n  return part\n}\n',
  )
  const repaired: Lockfile = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8'))
  expect(findMissingBuilds(repaired)).toEqual([])
  expect(stdout).toMatch(/ok +format/)
  expect(stdout).toMatch(/ok +lockfile/)
})
