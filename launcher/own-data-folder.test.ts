import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ownDataFolder, wipeDataFolder } from './own-data-folder.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'throughline-own-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('a folder that we made is wiped', () => {
  ownDataFolder(folder)
  writeFileSync(join(folder, 'anything'), '')
  ownDataFolder(folder)
  wipeDataFolder(folder)
  expect(existsSync(folder)).toBe(false)
})

test("somebody else's folder is neither taken nor wiped", () => {
  writeFileSync(join(folder, 'letters.txt'), 'dear all')
  expect(() => ownDataFolder(folder)).toThrow(/not from Throughline/)
  expect(() => wipeDataFolder(folder)).toThrow(/not made by Throughline/)
  expect(existsSync(join(folder, 'letters.txt'))).toBe(true)
})
