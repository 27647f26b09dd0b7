import { expect, test, type Page } from '@playwright/test'
import { countRows } from './support/count-rows.ts'
import { expectAccessible } from './support/expect-accessible.ts'
import { currentInstance } from './support/instance.ts'
import { burst, switchBug, switchSlow } from './support/shop.ts'

const GROUP = /CurrencyMismatch/

/** The stories after this one find the shop as it starts. */
test.afterAll(async () => {
  await switchBug(true)
  await switchSlow(true)
})

async function openGroup(page: Page, state: string): Promise<void> {
  await page.goto(`${currentInstance().url}/dead-letters?state=${state}`)
  const row = page.getByRole('table', { name: 'Failure groups' }).getByRole('row').filter({ hasText: GROUP })
  await row.click({ timeout: 60_000 })
}

/** What is wrong in the message is mended in the message, while the consumer stays as it is. */
test('one dead letter is discarded and restored; the others are edited, redriven and processed with the bug still there', async ({
  page,
}) => {
  test.setTimeout(300_000)
  await switchSlow(false)
  await switchBug(true)
  await burst(30, 0.5)
  const openLetters = "select 1 from dead_letter where state = 'open' and exception_class like '%CurrencyMismatch'"
  await expect.poll(() => countRows(openLetters, []), { timeout: 90_000, intervals: [1_000] }).toBeGreaterThan(5)

  await test.step('a single message is discarded with a reason, and the plan says what that means', async () => {
    await openGroup(page, 'open')
    await page.getByRole('table', { name: 'Messages' }).getByRole('row').nth(1).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Discard…' }).click()
    await page.getByLabel('Reason').fill('an order of the load test')
    await page.getByRole('button', { name: 'Plan it' }).click()
    const panel = page.getByRole('dialog')
    await expect(panel.getByRole('button', { name: 'Discard 1 message' })).toBeVisible({ timeout: 60_000 })
    await expect(panel).toContainText('can be restored until then')
    await expectAccessible(page)
    await panel.getByRole('button', { name: 'Discard 1 message' }).click()
    await expect(page.getByText('Completed').first()).toBeVisible({ timeout: 60_000 })
    await expect(page.getByRole('region', { name: 'Progress' })).toContainText('1 discarded')
    await expectAccessible(page)
  })

  await test.step('it can be restored, and is open again', async () => {
    await page.getByRole('button', { name: /^Restore 1 message/ }).click()
    await page.getByLabel('Reason').fill('it was real')
    await page.getByRole('button', { name: 'Restore', exact: true }).click()
    await expect(page.getByRole('button', { name: /^Restore 1 message/ })).toBeHidden({ timeout: 30_000 })
    expect(await countRows("select 1 from dead_letter where state = 'discarded'", [])).toBe(0)
  })

  await test.step('the plan of an edit shows what changes in every message', async () => {
    await openGroup(page, 'open')
    await page.getByRole('button', { name: /^Redrive \d/ }).click()
    await page.getByRole('button', { name: 'Add a change' }).click()
    await page.getByRole('textbox', { name: 'Field' }).fill('amount.currency')
    await page.getByRole('textbox', { name: 'Value, as JSON' }).fill('EUR')
    await expect(page.getByText('text stands in quotes')).toBeVisible()
    await page.getByRole('textbox', { name: 'Value, as JSON' }).fill('"EUR"')
    await page.getByLabel('Rate cap').fill('100')
    await page.getByLabel('Reason').fill('the currency was written wrongly by the producer')
    await expectAccessible(page)
    await page.getByRole('button', { name: 'Plan it' }).click()
    const changes = page.getByRole('region', { name: 'Changes of each message' })
    await expect(changes).toContainText('amount.currency', { timeout: 60_000 })
    await expect(changes).toContainText('"EURO"')
    await expectAccessible(page)
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /^(Start with|Send) / })
      .click()
  })

  await test.step('every edited message is processed', async () => {
    await expect(page).toHaveURL(/\/operations\/[0-9a-f-]{36}/)
    await expect(page.getByText('Completed').first()).toBeVisible({ timeout: 120_000 })
    const id = page.url().split('/').at(-1)?.split('?')[0] ?? ''
    const items = 'select 1 from operation_item where operation_id = $1'
    await expect
      .poll(() => countRows(`${items} and outcome <> 'processed'`, [id]), { timeout: 120_000, intervals: [1_000] })
      .toBe(0)
    expect(await countRows(items, [id])).toBeGreaterThan(5)
    expect(await countRows('select 1 from message_archive where operation_id = $1', [id])).toBe(
      await countRows(items, [id]),
    )
  })
})
