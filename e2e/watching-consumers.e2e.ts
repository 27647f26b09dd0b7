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
  await page.getByText('lanes', { exact: true }).click()
  await expect(page.getByRole('figure', { name: /lag in messages of \d+\slanes?/i })).toBeVisible()
  await expectAccessible(page)
})
