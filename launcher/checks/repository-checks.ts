import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { findReferences } from './doc-references.ts'
import { findEscapes } from './escapes.ts'
import {
  completeLockfile,
  findLockfileProblems,
  findNpmrcProblems,
  findRanges,
  type Lockfile,
  type Manifest,
} from './lockfile.ts'
import { findMigrationProblems, type Journal } from './migrations.ts'

/** The checks that need no tool but this process: a name and the problems found, one line each. */
export const REPOSITORY_CHECKS: Readonly<Record<string, () => string[]>> = {
  lockfile: () => {
    const manifest: Manifest = JSON.parse(readFileSync('package.json', 'utf8'))
    return [
      ...findLockfileProblems(readLockfile()),
      ...findRanges(manifest),
      ...findNpmrcProblems(readIfThere('.npmrc')),
    ]
  },
  migrations: () => {
    const journal: Journal = JSON.parse(readFileSync('drizzle/meta/_journal.json', 'utf8'))
    const files = readdirSync('drizzle').filter((file) => file.endsWith('.sql'))
    return findMigrationProblems(journal, files)
  },
  documents: () =>
    listFiles('.md').flatMap((file) =>
      findReferences(readFileSync(file, 'utf8'), dirname(file) === '.' ? '' : dirname(file))
        .filter((path) => !existsSync(path))
        .map((path) => `${file} cites ${path}, which does not exist`),
    ),
  escapes: () =>
    listFiles('.ts', '.tsx', '.js', '.mjs')
      .filter((file) => !file.includes('.test.'))
      .flatMap((file) => findEscapes(file, readFileSync(file, 'utf8'))),
}

/** Adds the platform builds that npm left out; see findMissingBuilds. */
export function repairLockfile(): void {
  writeFileSync('package-lock.json', `${JSON.stringify(completeLockfile(readLockfile()), null, 2)}\n`)
}

function readLockfile(): Lockfile {
  const lockfile: Lockfile = JSON.parse(readFileSync('package-lock.json', 'utf8'))
  return lockfile
}

const readIfThere = (file: string): string => (existsSync(file) ? readFileSync(file, 'utf8') : '')

/** Files that belong to the repository: tracked, or new and not ignored. Without git nothing can be listed. */
function listFiles(...endings: readonly string[]): string[] {
  const list = spawnSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    encoding: 'utf8',
    maxBuffer: 64 * 1_024 * 1_024,
  })
  if (list.status !== 0) throw new Error('git cannot list the files of the repository; run this inside a clone')
  return list.stdout.split('\n').filter((file) => endings.some((ending) => file.endsWith(ending)) && existsSync(file))
}
