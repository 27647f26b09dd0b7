import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Trouble } from './trouble.ts'

const MARKER = 'throughline.json'

/**
 * Makes the data folder and marks it as ours. A folder with somebody else's files is refused, so that `--fresh` can
 * never wipe a home directory that THROUGHLINE_DATA points to by mistake.
 */
export function ownDataFolder(folder: string): void {
  mkdirSync(join(folder, 'log'), { recursive: true })
  if (isOwnDataFolder(folder)) return
  const strangers = readdirSync(folder).filter((name) => name !== 'log')
  if (strangers.length > 0) {
    throw new Trouble(
      `${folder} holds files that are not from Throughline (${strangers.slice(0, 3).join(', ')})`,
      'point THROUGHLINE_DATA to an empty folder',
    )
  }
  writeFileSync(join(folder, MARKER), `${JSON.stringify({ madeBy: 'throughline' })}\n`)
}

/** Removes everything that earlier starts kept. */
export function wipeDataFolder(folder: string): void {
  if (!existsSync(folder)) return
  if (readdirSync(folder).length > 0 && !isOwnDataFolder(folder)) {
    throw new Trouble(
      `${folder} was not made by Throughline, so --fresh leaves it alone`,
      'remove it yourself, or point THROUGHLINE_DATA elsewhere',
    )
  }
  rmSync(folder, { recursive: true, force: true })
}

function isOwnDataFolder(folder: string): boolean {
  const marker = join(folder, MARKER)
  return existsSync(marker) && readFileSync(marker, 'utf8').includes('"throughline"')
}
