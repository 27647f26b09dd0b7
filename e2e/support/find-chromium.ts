import { existsSync } from 'node:fs'
import { chromium } from '@playwright/test'

const SYSTEM = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
]

/**
 * The first Chromium that is there: CHROMIUM_PATH, the system's, Playwright's own download, and on Linux x64 the one
 * inside the npm package @sparticuz/chromium.
 *
 * @throws Error that says how to get one
 */
export async function findChromium(): Promise<string> {
  const candidates = [process.env['CHROMIUM_PATH'], ...SYSTEM, chromium.executablePath()]
  const found = candidates.find((path) => path !== undefined && path !== '' && existsSync(path))
  if (found !== undefined) return found
  if (process.platform === 'linux' && process.arch === 'x64')
    return (await import('@sparticuz/chromium')).default.executablePath()
  throw new Error('no Chromium: install one, or set CHROMIUM_PATH')
}
