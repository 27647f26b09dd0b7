import { AxeBuilder } from '@axe-core/playwright'
import { expect, test, type Page } from '@playwright/test'
import { currentInstance } from './support/instance.ts'

const PAGES = ['/', '/flows', '/topology', '/consumers', '/dead-letters', '/operations', '/audit', '/settings'] as const
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
      for (const colorScheme of ['dark', 'light'] as const) {
        await page.setViewportSize(size)
        await page.emulateMedia({ colorScheme })
        await page.goto(currentInstance().url + path)
        await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
        await expect(page.locator('[aria-busy="true"]')).toHaveCount(0)
        const shiftScore = await page.evaluate(readLayoutShift)
        expect(shiftScore, `${path} shifts at ${size.width}`).toBeLessThan(0.1)
        const overflowPx = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
        expect(overflowPx, `${path} scrolls sideways at ${size.width}`).toBeLessThanOrEqual(0)
        // The page is alive: a figure that changes while axe reads its label and then its text looks like a mismatch once, a real one stays.
        await expect(async () => expect(await seriousViolations(page)).toEqual([])).toPass({ timeout: 30_000 })
      }
    }
    expect(problems).toEqual([])
  })
}

async function seriousViolations(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze()
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)
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
