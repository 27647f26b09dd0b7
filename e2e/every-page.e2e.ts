import { expect, test } from '@playwright/test'
import { expectAccessible } from './support/expect-accessible.ts'
import { currentInstance } from './support/instance.ts'

const PAGES = [
  '/',
  '/flows',
  '/flows?tab=retries',
  '/flows?tab=instrumentation',
  '/compare',
  '/topology',
  '/consumers',
  '/dead-letters',
  '/operations',
  '/audit',
  '/settings',
] as const
const SIZES = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
] as const

for (const path of PAGES) {
  test(`${path} has no error, nothing that axe finds serious, and stands still`, async ({ page }) => {
    const problems: string[] = []
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()))
    page.on('pageerror', (error) => problems.push(error.message))
    for (const size of SIZES) {
      await page.setViewportSize(size)
      await page.emulateMedia({ colorScheme: 'dark' })
      await page.goto(currentInstance().url + path)
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
      await expect(page.locator('[aria-busy="true"]')).toHaveCount(0)
      const shiftScore = await page.evaluate(readLayoutShift)
      expect(shiftScore, `${path} shifts at ${size.width}`).toBeLessThan(0.1)
      const overflowPx = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
      expect(overflowPx, `${path} scrolls sideways at ${size.width}`).toBeLessThanOrEqual(0)
      await expectAccessible(page)
      // The same page by day: its colours alone are others.
      await page.emulateMedia({ colorScheme: 'light' })
      await expectAccessible(page)
    }
    expect(problems).toEqual([])
  })
}

/** The cumulative layout shift of the page so far; runs in the browser. */
function readLayoutShift(): Promise<number> {
  return new Promise((resolve) => {
    let score = 0
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) score += 'value' in entry ? Number(entry.value) : 0
    }).observe({ type: 'layout-shift', buffered: true })
    setTimeout(() => resolve(score), 300)
  })
}
