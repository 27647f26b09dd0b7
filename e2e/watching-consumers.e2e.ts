import { expect, test } from '@playwright/test'
import { expectAccessible } from './support/expect-accessible.ts'
import { currentInstance } from './support/instance.ts'
import { burst, switchSlow } from './support/shop.ts'

test('a group that falls behind is named, with how far, how sure and until when', async ({ page }) => {
  const { url, brokerKind } = currentInstance()
  await switchSlow(true)
  await burst(400, 0)
  await page.goto(`${url}/consumers`)
  const row = page
    .getByRole('row')
    .filter({ hasText: 'email' })
    .filter({ hasText: /Lagging|Stopped|Stalled/i })
    .first()
  await expect(row).toBeVisible({ timeout: 90_000 })
  await expect(row).toContainText(/messages behind|messages came in/)
  await row.click()
  await expect(page.getByRole('heading', { name: /email/ })).toBeVisible()
  await expect(page.getByRole('table').first()).toBeVisible()
  await expect(page.getByRole('table', { name: /^Why it says/ }).first()).toContainText(/\d/)
  await expect(page.getByRole('list', { name: 'What happened' })).toContainText(/Lagging|Stopped|Stalled/)
  // Queues keep the age of what waits themselves: there is nothing to measure.
  if (brokerKind === 'kafka') {
    await page.getByRole('button', { name: 'Measure now' }).first().click()
    await expect(page.getByText(/behind: the record at|nothing is waiting|lies at this position/).first()).toBeVisible({
      timeout: 20_000,
    })
  }
  // Its consumers run: what a reset would do is shown, and nothing can be done yet.
  if (brokerKind === 'kafka') {
    await page.getByRole('button', { name: 'Reset offsets…' }).click()
    await page.getByRole('button', { name: 'Show what would happen' }).click()
    const dryRun = page.getByRole('region', { name: 'Dry run' })
    await expect(dryRun).toContainText(/The group is \w+, with \d+\smember/, { timeout: 30_000 })
    await expect(dryRun.getByRole('table', { name: 'What happens on each lane' })).toContainText(/again|stays/)
    await expect(dryRun.getByRole('button', { name: /^Reset \d+\slane/ })).toBeDisabled()
    await page.getByRole('button', { name: 'Close' }).click()
  } else {
    await expect(page.getByText('a group has no position that could be set')).toBeVisible()
  }
  await page.getByText('lanes', { exact: true }).click()
  await expect(page.getByRole('figure', { name: /lag in messages of \d+\slanes?/i })).toBeVisible()
  await expectAccessible(page)
})
