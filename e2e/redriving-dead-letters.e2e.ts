import { expect, test } from '@playwright/test'
import { countRows } from './support/count-rows.ts'
import { expectAccessible } from './support/expect-accessible.ts'
import { currentInstance } from './support/instance.ts'
import { burst, switchBug, switchSlow } from './support/shop.ts'

const GROUP = /CurrencyMismatch/

/** The main job, as the on-call engineer does it. */
test('a bug kills orders; they are understood, the bug is mended, and every one of them is redriven and processed', async ({
  page,
}, info) => {
  test.setTimeout(300_000)
  const { url, brokerKind } = currentInstance()
  const keep = async (name: string) => {
    await page.screenshot({ path: info.outputPath(`${name}.png`) })
    await expectAccessible(page)
  }
  await switchSlow(true)
  await switchBug(true)
  await burst(120, 0.25)

  await test.step('the overview says that messages are dying', async () => {
    await page.goto(url)
    await expect(page.getByText(GROUP).first()).toBeVisible({ timeout: 60_000 })
    await keep('overview')
  })

  await test.step('the inbox names the cause', async () => {
    await page
      .getByRole('link', { name: /Dead letters/ })
      .first()
      .click()
    const row = page.getByRole('table', { name: 'Failure groups' }).getByRole('row').filter({ hasText: GROUP })
    await expect(row).toContainText('orders')
    await row.click()
  })

  await test.step('a dead letter shows why it died, its message, and its flow', async () => {
    await page.getByRole('table', { name: 'Messages' }).getByRole('row').nth(1).click()
    const panel = page.getByRole('dialog')
    await expect(panel).toContainText('CurrencyMismatch')
    await expect(panel.getByRole('region', { name: 'Message' })).toContainText('EURO')
    await expect(panel).toContainText(/orders/)
    await keep('dead-letter')
    await panel.getByRole('link', { name: /^order-/ }).click()
    await expect(page.getByRole('heading', { name: /order-/ })).toBeVisible()
    await expect(page.getByText('in queue').first()).toBeVisible()
    await expect(page.getByText(/dead-lettered/i).first()).toBeVisible()
    await keep('flow-of-a-dead-letter')
  })

  await test.step('with the bug mended, the plan says what a redrive would do', async () => {
    await switchBug(false)
    await page.goto(`${url}/dead-letters`)
    await page.getByRole('table', { name: 'Failure groups' }).getByRole('row').filter({ hasText: GROUP }).click()
    await page.getByRole('button', { name: /^Redrive \d/ }).click()
    await page.getByLabel('Rate cap').fill('200')
    await page.getByLabel('Reason').fill('currency map mended in the shop')
    await page.getByRole('button', { name: 'Plan it' }).click()
    const panel = page.getByRole('dialog')
    await expect(panel.getByRole('button', { name: /^(Start with|Send) / })).toBeVisible({ timeout: 30_000 })
    // A Kafka topic is read by every group, a queue by the one that failed on the message.
    await expect(panel).toContainText(brokerKind === 'kafka' ? 'inventory' : 'orders.payments')
    await keep('plan')
    await panel.getByRole('button', { name: /^(Start with|Send) / }).click()
  })

  await test.step('every message comes out processed', async () => {
    await expect(page).toHaveURL(/\/operations\/[0-9a-f-]{36}/)
    await keep('operation-under-way')
    const progress = page.getByRole('region', { name: 'Progress' })
    await expect(page.getByText('Completed').first()).toBeVisible({ timeout: 120_000 })
    await expect(progress).toContainText(/(?<!\d)0 to go/)
    await expect(progress).not.toContainText('failed again')
    const id = page.url().split('/').at(-1)?.split('?')[0] ?? ''
    const items = 'select 1 from operation_item where operation_id = $1'
    await expect
      .poll(() => countRows(`${items} and outcome <> 'processed'`, [id]), { timeout: 120_000, intervals: [1_000] })
      .toBe(0)
    const sent = await countRows(items, [id])
    expect(sent).toBeGreaterThanOrEqual(30)
    await expect(progress).toContainText(`${sent} processed`, { timeout: 20_000 })
    expect(await countRows(`${items} and send_count > 1`, [id])).toBe(0)
    await keep('operation-completed')
  })

  await test.step('the flow shows the redrive and its end, and the record says who did it', async () => {
    await page
      .getByRole('link', { name: /^order-/ })
      .first()
      .click()
    await expect(page.getByText(/redrive/i).first()).toBeVisible()
    await expect(
      page
        .getByText('Redriven')
        .or(page.getByText(/redriven/i))
        .first(),
    ).toBeVisible()
    await keep('flow-after-the-redrive')
    await page.goto(`${url}/audit`)
    await expect(page.getByText('operation.start').first()).toBeVisible()
    await expect(page.getByText('dead-letter.plan-redrive').first()).toBeVisible()
  })
})
