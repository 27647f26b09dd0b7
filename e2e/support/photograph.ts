import { join } from 'node:path'
import { test, type Page } from '@playwright/test'
import { currentScreensOrder } from './screens-order.ts'

const SIZES = [
  { word: 'wide', width: 1440, height: 900 },
  { word: 'narrow', width: 390, height: 844 },
] as const

/** Long enough for a transition to end; pictures of something in motion are of no use. */
const SETTLE_MS = 400

const taken = new Set<string>()

/** Ends the test that is running once every picture that was asked for by name is taken. */
export function skipWhenAllTaken(): void {
  const { only } = currentScreensOrder()
  const isOver = only.length > 0 && only.every((name) => taken.has(name))
  test.skip(isOver, 'every picture that was asked for is taken')
}

/**
 * Takes the page as it stands, wide and narrow, dark and light: `<folder>/<name>-wide-dark.png` and so on. Does nothing
 * when others were asked for.
 */
export async function photograph(page: Page, name: string): Promise<void> {
  const { only, folder } = currentScreensOrder()
  if (only.length > 0 && !only.includes(name)) return
  for (const { word, width, height } of SIZES) {
    await page.setViewportSize({ width, height })
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await page.evaluate(styleAnew)
      await page.waitForTimeout(SETTLE_MS)
      await page.screenshot({ path: join(folder, `${name}-${word}-${colorScheme}.png`) })
    }
  }
  await page.setViewportSize({ width: SIZES[0].width, height: SIZES[0].height })
  taken.add(name)
  skipWhenAllTaken()
}

/** Chromium leaves inherited colours as they were when the scheme is switched from outside; runs in the browser. */
function styleAnew(): void {
  const { body } = document
  body.style.display = 'none'
  void body.offsetHeight
  body.style.display = ''
}
