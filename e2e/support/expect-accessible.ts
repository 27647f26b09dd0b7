import { AxeBuilder } from '@axe-core/playwright'
import { expect, type Page } from '@playwright/test'

/**
 * Nothing on the page that axe calls serious. The page is alive: a figure that changes while axe reads a label and then
 * its text looks like a mismatch once, so a violation has to stay to count.
 */
export async function expectAccessible(page: Page): Promise<void> {
  await expect(async () => expect(await seriousViolations(page)).toEqual([])).toPass({ timeout: 90_000 })
}

async function seriousViolations(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze()
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)
}
