import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { chromium, type Page } from '@playwright/test'
import { findChromium } from '../e2e/support/find-chromium.ts'
import { startInstance } from '../launcher/run-instance.ts'
import { runBench } from './bench-run.ts'

const PASSWORD = 'a permanent password for measuring'
/** Every kind of page; what is not there is shown by the script that shows what is. */
const PAGES = [
  '/sign-in',
  '/',
  '/flows',
  '/flows?tab=retries',
  '/flows?tab=instrumentation',
  '/flows/none',
  '/compare',
  '/topology',
  '/consumers',
  '/consumers/none/none',
  '/dead-letters',
  '/operations',
  '/operations/none',
  '/audit',
  '/settings',
]

/** Script that the first load of each page fetches, in kB after gzip, counted by Chromium on a production build. */
await runBench('page-weight', 1, async (bench) => {
  const instance = await startInstance({
    folder: join(bench.folder, 'data'),
    args: ['--no-demo', '--broker', 'pgqueue'],
    environment: { THROUGHLINE_OWNER_PASSWORD: PASSWORD },
  })
  bench.onEnd(() => instance.stop())
  const browser = await chromium.launch({ executablePath: await findChromium(), args: ['--no-sandbox'] })
  bench.onEnd(() => browser.close())
  const signedIn = await (await browser.newContext()).newPage()
  await signIn(signedIn, instance.state.url)
  const session = await signedIn.context().storageState()

  const weights: number[] = []
  for (const path of PAGES) {
    // A context of its own for each page: nothing is cached.
    const context = await browser.newContext(path === '/sign-in' ? {} : { storageState: session })
    const { status, bytes } = await weigh(await context.newPage(), instance.state.url + path)
    await context.close()
    if (status === 404) bench.show(path, 'no such page')
    else weights.push(bytes)
    if (status !== 404) bench.show(path, `${(bytes / 1_000).toFixed(1)} kB`)
  }
  return { value: Math.max(...weights) / 1_000, unit: 'kB', baseline: null, targetMax: 250 }
})

async function weigh(page: Page, url: string): Promise<{ status: number; bytes: number }> {
  const scripts: Promise<number>[] = []
  page.on('response', (response) => {
    if (response.request().resourceType() !== 'script') return
    scripts.push(response.body().then((body) => gzipSync(body).length))
  })
  const answer = await page.goto(url, { waitUntil: 'load' })
  // What the page needs has been asked for now; later come only prefetches of pages that a link leads to.
  const sizes = await Promise.all(scripts)
  return { status: answer?.status() ?? 0, bytes: sizes.reduce((sum, size) => sum + size, 0) }
}

async function signIn(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/sign-in`)
  await page.getByLabel('Login').fill('owner')
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL((now) => !now.pathname.startsWith('/sign-in'))
}
