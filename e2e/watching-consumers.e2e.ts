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

test('a consumer is paused with the price shown, seen to stand still, extended, resumed, and catches up', async ({
  page,
}) => {
  const { url, brokerKind } = currentInstance()
  const group = brokerKind === 'kafka' ? 'inventory' : 'orders.inventory'
  await page.goto(`${url}/consumers`)
  await page.getByRole('row').filter({ hasText: group }).first().click()
  await page.getByRole('button', { name: 'Pause…' }).click({ timeout: 60_000 })
  const dialog = page.getByRole('dialog')
  await expect(dialog).toContainText('all will be asked', { timeout: 60_000 })
  await expect(dialog).toContainText('What it costs')
  await expectAccessible(page)
  await dialog.getByLabel('Reason').fill('stocktaking')
  await dialog.getByRole('button', { name: 'Pause', exact: true }).click()

  await expect(page.getByRole('list', { name: 'Members asked' })).toContainText('Paused', { timeout: 60_000 })
  await expect(page.getByText(/Paused:\sby\sOwner\suntil\s.*“stocktaking”/).first()).toBeVisible({ timeout: 60_000 })
  await burst(40, 0)
  await expect(page.getByText('no position has moved for')).toBeVisible({ timeout: 60_000 })
  await expect(page.getByText(/“stocktaking”;\s[1-9][\d,]*\smessages?\sbehind/).first()).toBeVisible({
    timeout: 60_000,
  })
  await expectAccessible(page)

  await page.getByRole('button', { name: 'Extend…' }).click()
  await dialog.getByLabel('Reason').fill('more shelves than thought')
  await dialog.getByRole('button', { name: 'Extend', exact: true }).click()
  await expect(page.getByText(/Resumes\sby\sitself\sin\s(29|30)\sm/)).toBeVisible()

  await page.getByRole('button', { name: 'Resume now…' }).click()
  await dialog.getByLabel('Reason').fill('all counted')
  await dialog.getByRole('button', { name: 'Resume', exact: true }).click()
  await expect(page.getByRole('button', { name: 'Pause…' })).toBeVisible({ timeout: 60_000 })
  const head = page.locator('header').filter({ has: page.getByRole('heading', { level: 1 }) })
  await expect(head).toContainText(/Caught\sup|Keeping\sup/, { timeout: 120_000 })
  await expect(page.getByRole('list', { name: 'What happened' })).toContainText('“all counted”', { timeout: 30_000 })
})
