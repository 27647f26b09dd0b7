import { readFileSync } from 'node:fs'
import { expect, test, type Page } from '@playwright/test'
import { flowJsonSchema } from '#domain/flow/flow-json.ts'
import { expectAccessible } from './support/expect-accessible.ts'
import { currentInstance } from './support/instance.ts'
import { burst } from './support/shop.ts'

/** Opens a flow that went through a queue, and waits until its hops are there. */
async function openSomeFlow(page: Page): Promise<string> {
  const { url } = currentInstance()
  await burst(3, 0)
  await page.goto(`${url}/flows`)
  const link = page.getByRole('link', { name: /^order-/ }).first()
  await expect(link).toBeVisible({ timeout: 60_000 })
  const order = (await link.textContent()) ?? ''
  await page.goto(`${url}/flows/${order}`)
  await expect(page.getByRole('button', { name: /process orders/ }).first()).toBeVisible({ timeout: 90_000 })
  return order
}

test('a flow can be read message by message, by pointer, by keyboard and as a table, and taken along as a file', async ({
  page,
}) => {
  const order = await openSomeFlow(page)
  const rows = page.locator('[data-timeline-row]')
  await page.getByText('Critical path only').click()
  await expect(page).toHaveURL(/show=critical/)
  await expect(rows.first()).toHaveAccessibleName(/on the critical path/)
  await expect(rows.filter({ hasNotText: 'on the critical path' })).toHaveCount(0)
  await expectAccessible(page)
  await page.getByRole('group', { name: 'Rows of the timeline' }).getByText('Everything').click()

  await page.getByRole('tab', { name: 'Message graph' }).click()
  const map = page.getByRole('region', { name: 'Map of the messages' })
  const message = map.locator('a[data-row-id^="queue:"]').first()
  await expect(message).toBeVisible({ timeout: 30_000 })
  await expectAccessible(page)
  await message.focus()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('dialog')).toContainText('Joined by')
  await page.keyboard.press('Escape')

  await page.getByText('Table', { exact: true }).click()
  const table = page.getByRole('table', { name: 'Steps of the messages' })
  await expect(table).toContainText('taken')
  await expect(table).toContainText('certain')

  const started = page.waitForEvent('download')
  await page.getByRole('link', { name: 'Download JSON' }).click()
  const download = await started
  expect(download.suggestedFilename()).toBe(`flow-${order}.json`)
  const flow = flowJsonSchema.parse(JSON.parse(readFileSync(await download.path(), 'utf8')))
  expect(flow.flowKey).toBe(order)
  expect(flow.hops.length).toBeGreaterThan(0)
})

test('two flows are ticked in the list and laid over each other', async ({ page }) => {
  await openSomeFlow(page)
  await page.goto(`${currentInstance().url}/flows`)
  const boxes = page.getByRole('checkbox', { name: /^Compare order-/ })
  await expect(boxes.nth(1)).toBeVisible({ timeout: 60_000 })
  await boxes.nth(0).check()
  await boxes.nth(1).check()
  const bar = page.getByRole('region', { name: 'Flows to compare' })
  await expect(bar.getByRole('link', { name: 'Compare' })).toBeVisible()
  await expectAccessible(page)
  await bar.getByRole('link', { name: 'Compare' }).click()
  await expect(page.getByRole('table', { name: 'Steps of the path on both sides' })).toContainText('orders', {
    timeout: 30_000,
  })
})
