import { expect, test } from '@playwright/test'
import { countRows } from './support/count-rows.ts'
import { currentInstance } from './support/instance.ts'
import { burst, switchBug } from './support/shop.ts'

test('a collector that is killed in the middle of a redrive changes nothing but the time it takes', async ({
  page,
}) => {
  test.setTimeout(300_000)
  const { url, collectorPid } = currentInstance()
  await switchBug(true)
  await burst(200, 0.5)
  const open = `select 1 from dead_letter where state = 'open'`
  await expect.poll(() => countRows(open), { timeout: 90_000, intervals: [1_000] }).toBeGreaterThanOrEqual(100)
  await switchBug(false)

  await page.goto(`${url}/dead-letters`)
  await page
    .getByRole('table', { name: 'Failure groups' })
    .getByRole('row')
    .filter({ hasText: /CurrencyMismatch/ })
    .click()
  await page.getByRole('button', { name: /^Redrive \d/ }).click()
  await page.getByLabel('Rate cap').fill('10')
  await page.getByLabel('Canary').fill('0')
  await page.getByLabel('Reason').fill('a crash must not matter')
  await page.getByRole('button', { name: 'Plan it' }).click()
  await page.getByRole('button', { name: /^(Start with|Send) / }).click({ timeout: 30_000 })
  await expect(page).toHaveURL(/\/operations\/[0-9a-f-]{36}/)
  const id = page.url().split('/').at(-1)?.split('?')[0] ?? ''
  const items = 'select 1 from operation_item where operation_id = $1'
  const settled = `${items} and state in ('confirmed', 'removed')`
  await expect.poll(() => countRows(settled, [id]), { timeout: 60_000, intervals: [200] }).toBeGreaterThanOrEqual(10)
  process.kill(collectorPid, 'SIGKILL')

  await expect(page.getByText('Completed').first()).toBeVisible({ timeout: 150_000 })
  const all = await countRows(items, [id])
  expect(await countRows(settled, [id])).toBe(all)
  await expect
    .poll(() => countRows(`${items} and outcome <> 'processed'`, [id]), { timeout: 120_000, intervals: [1_000] })
    .toBe(0)
})
