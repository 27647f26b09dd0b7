import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'

export interface FoundChromium {
  readonly path: string
  readonly how: string
}

interface ChromiumPackage {
  readonly default: { executablePath(): Promise<string> }
}

const SYSTEM_NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

/**
 * The first Chromium that runs: CHROMIUM_PATH, the system's, Playwright's own download, and on Linux x64 the one inside
 * the npm package @sparticuz/chromium. Null with nothing of them.
 */
export async function findChromium(): Promise<FoundChromium | null> {
  const candidates: (() => Promise<FoundChromium | null> | FoundChromium | null)[] = [
    () => found(process.env['CHROMIUM_PATH'], 'CHROMIUM_PATH'),
    ...SYSTEM_NAMES.map((name) => () => found(whereIs(name), "the system's")),
    async () => found((await import('@playwright/test')).chromium.executablePath(), "Playwright's download"),
    unpackChromium,
  ]
  for (const candidate of candidates) {
    const chromium = await candidate()
    if (chromium !== null && canRun(chromium.path)) return chromium
  }
  return null
}

const found = (path: string | undefined, how: string): FoundChromium | null =>
  path !== undefined && existsSync(path) ? { path, how } : null

const canRun = (path: string): boolean => spawnSync(path, ['--version'], { timeout: 20_000 }).status === 0

function whereIs(name: string): string | undefined {
  const answer = spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' })
  return answer.status === 0 ? answer.stdout.trim() : undefined
}

async function unpackChromium(): Promise<FoundChromium | null> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return null
  const name = '@sparticuz/chromium'
  if (!isInstalled(name)) return null
  const chromium: ChromiumPackage = await import(name)
  return found(await chromium.default.executablePath(), `npm ${name}`)
}

function isInstalled(name: string): boolean {
  const paths = createRequire(import.meta.url).resolve.paths(name) ?? []
  return paths.some((path) => existsSync(`${path}/${name}`))
}
