import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chromium } from '@playwright/test'

const SYSTEM = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
]

/**
 * The first Chromium that runs here: CHROMIUM_PATH, the system's, Playwright's own download, and on Linux x64 the one
 * inside the npm package @sparticuz/chromium.
 *
 * @throws Error that says how to get one
 */
export async function findChromium(): Promise<string> {
  const given = process.env['CHROMIUM_PATH']
  if (given !== undefined && given !== '' && existsSync(given)) return given
  const found = [...SYSTEM, chromium.executablePath()].find((path) => existsSync(path) && whyNotRunning(path) === null)
  if (found !== undefined) return found
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new Error('no Chromium: install one, or set CHROMIUM_PATH')
  const packaged = await (await import('@sparticuz/chromium')).default.executablePath()
  const reason = whyNotRunning(packaged)
  if (reason === null) return packaged
  throw new Error(`no Chromium of the system, and the one of npm does not run here (${reason}): install chromium`)
}

/** There may be a file that does not run: a stub that asks for a snap, a program whose libraries are missing. */
function whyNotRunning(path: string): string | null {
  const answer = spawnSync(path, ['--version'], { encoding: 'utf8', timeout: 60_000 })
  if (answer.status === 0) return null
  return answer.error?.message ?? answer.stderr.trim().split('\n')[0] ?? `code ${answer.status}`
}
