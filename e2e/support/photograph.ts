import type { Page } from '@playwright/test'

const SIZES = [
  { word: 'wide', width: 1440, height: 900 },
  { word: 'narrow', width: 390, height: 844 },
] as const

/** Long enough for a transition to end; pictures of something in motion are of no use. */
const SETTLE_MS = 400

/** Takes the page as it stands, wide and narrow, dark and light: `docs/screens/<name>-wide-dark.png` and so on. */
export async function photograph(page: Page, name: string): Promise<void> {
  for (const { word, width, height } of SIZES) {
    await page.setViewportSize({ width, height })
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await page.evaluate(styleAnew)
      await page.waitForTimeout(SETTLE_MS)
      await page.screenshot({ path: `docs/screens/${name}-${word}-${colorScheme}.png` })
    }
  }
  await page.setViewportSize({ width: SIZES[0].width, height: SIZES[0].height })
}

/** Chromium leaves inherited colours as they were when the scheme is switched from outside; runs in the browser. */
function styleAnew(): void {
  const { body } = document
  body.style.display = 'none'
  void body.offsetHeight
  body.style.display = ''
}
