import { join } from 'node:path'
import { chromium, type BrowserContext, type Page } from '@playwright/test'
import { findChromium } from '../e2e/support/find-chromium.ts'
import { startInstance } from '../launcher/run-instance.ts'
import { runBench } from './bench-run.ts'
import { sendFlow } from './flow-load.ts'

const PASSWORD = 'a permanent password for measuring'
/** Each is opened once, so that nothing is warm but the process. */
const FLOWS = 3
const SMALL_SPANS = 10
const SCROLL_MS = 3_000
/** As fast as somebody turns a wheel. */
const PX_PER_FRAME = 120

interface Paint {
  /** From the navigation to the frame that shows the first rows. */
  readonly firstMs: number
  /** Until every span of the flow is on the timeline; the hops of a large flow come first. */
  readonly wholeMs: number
}

interface Scroll {
  readonly framesPerSecond: number
  readonly p95FrameMs: number
  /** How far the page moved; what moves nothing measures nothing. */
  readonly scrolledPx: number
  /** Rows in sight that were still on their way, of all rows in sight, over all frames. */
  readonly emptyShare: number
}

/** First paint and scrolling of a flow of 10,000 spans in Chromium: what somebody waits for who opens a large flow. */
await runBench('flow-paint', 10_000, async (bench) => {
  const instance = await startInstance({
    folder: join(bench.folder, 'data'),
    args: ['--no-demo', '--broker', 'pgqueue'],
    environment: { THROUGHLINE_OWNER_PASSWORD: PASSWORD },
  })
  bench.onEnd(() => instance.stop())
  const { url, otlpHttpUrl } = instance.state
  for (let flow = 0; flow <= FLOWS; flow += 1) {
    await sendFlow(otlpHttpUrl, `small-${flow}`, SMALL_SPANS)
    if (flow < FLOWS) await sendFlow(otlpHttpUrl, `large-${flow}`, bench.size)
  }
  const browser = await chromium.launch({ executablePath: await findChromium(), args: ['--no-sandbox'] })
  bench.onEnd(() => browser.close())
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  await signIn(await context.newPage(), url)
  await paintOf(context, url, `small-${FLOWS}`, SMALL_SPANS)

  const small: Paint[] = []
  const large: Paint[] = []
  for (let flow = 0; flow < FLOWS; flow += 1) {
    small.push((await paintOf(context, url, `small-${flow}`, SMALL_SPANS)).paint)
    large.push((await paintOf(context, url, `large-${flow}`, bench.size)).paint)
  }
  const { page } = await paintOf(context, url, 'large-0', bench.size)
  const scroll = await scrollDown(page)
  if (scroll.scrolledPx < Math.min(SCROLL_MS, bench.size))
    throw new Error(`the page moved by ${scroll.scrolledPx} px only: the frames are not of a scrolled timeline`)
  const value = median(large.map(({ firstMs }) => firstMs))
  const baseline = median(small.map(({ firstMs }) => firstMs))
  const wholeMs = median(large.map((one) => one.wholeMs))
  bench.show(`first rows of ${bench.size} spans, median of ${FLOWS}`, `${value.toFixed(0)} ms`)
  bench.show('all of its spans on the timeline', `${wholeMs.toFixed(0)} ms`)
  bench.show(`first rows of ${SMALL_SPANS} spans`, `${baseline.toFixed(0)} ms`)
  bench.show('scrolling', `${scroll.framesPerSecond.toFixed(1)} frames/s`)
  bench.show('scrolled', `${scroll.scrolledPx.toFixed(0)} px`)
  bench.show('frame, p95', `${scroll.p95FrameMs.toFixed(1)} ms`)
  bench.show('rows in sight that were not there yet', `${(scroll.emptyShare * 100).toFixed(1)} %`)
  return { value, unit: 'ms', baseline, wholeMs, ...scroll, targetMax: bench.size > 20_000 ? 2_000 : 1_000 }
})

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0
}

/** Opens a flow as a link would: a new page, a full load. */
async function paintOf(
  context: BrowserContext,
  url: string,
  flowKey: string,
  spanCount: number,
): Promise<{ readonly page: Page; readonly paint: Paint }> {
  for (const old of context.pages()) await old.close()
  const page = await context.newPage()
  await page.addInitScript(watchRows)
  await page.goto(`${url}/flows/${flowKey}`)
  const firstMs = await page
    .waitForFunction(() => Number(document.documentElement.dataset['rowsAtMs'] ?? 0))
    .then(async (handle) => Number(await handle.jsonValue()))
  const count = spanCount.toLocaleString('en-US')
  await page.getByRole('tab', { name: new RegExp(`^Spans\\s?${count}$`) }).waitFor({ timeout: 60_000 })
  const wholeMs = await page.evaluate(() => performance.now())
  return { page, paint: { firstMs, wholeMs: Math.max(firstMs, wholeMs) } }
}

/** Runs in the page before anything else: notes when the first rows were on the screen. */
function watchRows(): void {
  const watcher = new MutationObserver(() => {
    if (document.querySelectorAll('button[data-row-id]').length < 5) return
    watcher.disconnect()
    // The task after the next frame: the rows have been painted by then.
    requestAnimationFrame(() =>
      setTimeout(() => (document.documentElement.dataset['rowsAtMs'] = String(performance.now())), 0),
    )
  })
  watcher.observe(document, { childList: true, subtree: true })
}

function scrollDown(page: Page): Promise<Scroll> {
  return page.evaluate(
    ([forMs, stepPx]) =>
      new Promise<Scroll>((resolve) => {
        const frames: number[] = []
        let rowCount = 0
        let emptyCount = 0
        const startedPx = window.scrollY
        const startedMs = performance.now()
        let lastMs = startedMs
        const frame = (nowMs: number) => {
          frames.push(nowMs - lastMs)
          lastMs = nowMs
          rowCount += document.querySelectorAll('[data-timeline-row]').length
          emptyCount += document.querySelectorAll('[data-timeline-row][aria-hidden]').length
          window.scrollBy(0, stepPx)
          if (nowMs - startedMs < forMs) requestAnimationFrame(frame)
          else {
            const sorted = frames.slice(1).toSorted((left, right) => left - right)
            resolve({
              framesPerSecond: ((frames.length - 1) * 1_000) / (nowMs - startedMs),
              p95FrameMs: sorted[Math.floor(0.95 * (sorted.length - 1))] ?? 0,
              scrolledPx: window.scrollY - startedPx,
              emptyShare: emptyCount / Math.max(1, rowCount),
            })
          }
        }
        requestAnimationFrame(frame)
      }),
    [SCROLL_MS, PX_PER_FRAME] as const,
  )
}

async function signIn(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/sign-in`)
  await page.getByLabel('Login').fill('owner')
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL((now) => !now.pathname.startsWith('/sign-in'))
}
