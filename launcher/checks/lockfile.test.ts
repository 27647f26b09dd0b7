import { expect, test } from 'vitest'
import { completeLockfile, findLockfileProblems, findMissingBuilds, findNpmrcProblems, findRanges } from './lockfile.ts'

const lockfile = {
  lockfileVersion: 3,
  packages: {
    '': { version: '0.1.0' },
    'node_modules/native': {
      version: '2.0.0',
      dev: true,
      optionalDependencies: {
        '@native/linux-x64-musl': '2.0.0',
        '@native/win32-arm64-msvc': '^2.0.0',
        beside: '1.0.0',
      },
    },
    'node_modules/native/node_modules/beside': { version: '1.0.0', optional: true },
  },
}

test('a platform build that the lockfile leaves out is found, one that is nested is not', () => {
  expect(findMissingBuilds(lockfile).map((missing) => missing.path)).toEqual([
    'node_modules/@native/linux-x64-musl',
    'node_modules/@native/win32-arm64-msvc',
  ])
})

test('a completed lockfile names the builds with their system, processor and C library', () => {
  const completed = completeLockfile(lockfile)
  expect(findLockfileProblems(completed)).toEqual([])
  expect(completed.packages['node_modules/@native/linux-x64-musl']).toEqual({
    version: '2.0.0',
    cpu: ['x64'],
    dev: true,
    libc: ['musl'],
    optional: true,
    os: ['linux'],
  })
  expect(completed.packages['node_modules/@native/win32-arm64-msvc']?.os).toEqual(['win32'])
  expect(completed).toHaveProperty('lockfileVersion', 3)
})

test('a lockfile or .npmrc that names a registry is a problem', () => {
  const named = { packages: { 'node_modules/a': { version: '1.0.0', resolved: 'https://registry.example/a.tgz' } } }
  expect(findLockfileProblems(named)).toHaveLength(1)
  expect(findNpmrcProblems('save-exact=true\nregistry=https://registry.example\n')).toEqual([
    '.npmrc must not set registry',
  ])
  expect(findNpmrcProblems('save-exact=true\n')).toEqual([])
})

test('a dependency that is not pinned exactly is a problem', () => {
  expect(findRanges({ dependencies: { a: '1.0.0', b: '^1.0.0' }, devDependencies: { c: '2.0.0-beta.1' } })).toEqual([
    'package.json does not pin b: ^1.0.0',
  ])
})
