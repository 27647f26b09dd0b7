import { readFileSync } from 'node:fs'
import { expect, test, type Page } from '@playwright/test'
import { askDatabase } from './support/ask-database.ts'
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

/** Writes the change that mends the message, and plans. */
async function planMended(page: Page, reason: string): Promise<void> {
  await page.getByRole('button', { name: 'Add a change' }).click()
  await page.getByRole('textbox', { name: 'Field' }).fill('amount.currency')
  await page.getByRole('textbox', { name: 'Value, as JSON' }).fill('EUR')
  await expect(page.getByText('text stands in quotes')).toBeVisible()
  await page.getByRole('textbox', { name: 'Value, as JSON' }).fill('"EUR"')
  await page.getByLabel('Rate cap').fill('100')
  await page.getByLabel('Reason').fill(reason)
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Plan it' }).click()
}

async function startPlanned(page: Page): Promise<void> {
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /^(Start with|Send) / })
    .click({ timeout: 60_000 })
}

/** Waits until every message of the operation that the page shows is processed. @returns its id */
async function expectAllProcessed(page: Page): Promise<string> {
  await expect(page).toHaveURL(/\/operations\/[0-9a-f-]{36}/)
  await expect(page.getByText('Completed').first()).toBeVisible({ timeout: 120_000 })
  const id = page.url().split('/').at(-1)?.split('?')[0] ?? ''
  const unprocessed = "select 1 from operation_item where operation_id = $1 and outcome <> 'processed'"
  await expect.poll(() => countRows(unprocessed, [id]), { timeout: 120_000, intervals: [1_000] }).toBe(0)
  return id
}

/** What is wrong in the message is mended in the message, while the consumer stays as it is. */
test('one dead letter is discarded and restored, one is searched for; the others are edited, redriven, processed, and brought back from a file', async ({
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

  await test.step('a search by error, key, header and expression finds one message, and what is found is redriven', async () => {
    const [letter] = await askDatabase(`select convert_from(message_key, 'UTF8') as key, correlation_id as flow
      from dead_letter where state = 'open' and exception_class like '%CurrencyMismatch' order by id limit 1`)
    await page.goto(`${currentInstance().url}/dead-letters`)
    await page.getByRole('button', { name: 'Search messages' }).click()
    await page.getByRole('textbox', { name: 'Part of the error' }).fill('currencymismatch')
    const found = page.getByRole('region', { name: 'Messages found' })
    await expect(found.getByRole('heading')).toHaveText(/^\d+\s+messages found$/)
    await page.getByRole('textbox', { name: 'Message key' }).fill(letter?.['key'] ?? '')
    await page.getByRole('textbox', { name: 'Header', exact: true }).fill('correlation-id')
    await page.getByRole('textbox', { name: 'Value of the header' }).fill(letter?.['flow'] ?? '')
    await page.getByRole('textbox', { name: 'Expression over the message' }).fill('$.amount.currency == "EURO"')
    await expect(found.getByRole('heading')).toHaveText('1 message found')
    await expectAccessible(page)
    await page.getByRole('button', { name: 'Redrive what is found…' }).click()
    await planMended(page, 'the one that the customer asks for')
    await startPlanned(page)
    const id = await expectAllProcessed(page)
    expect(await countRows('select 1 from operation_item where operation_id = $1', [id])).toBe(1)
  })

  await test.step('the plan of an edit shows what changes in every message', async () => {
    await openGroup(page, 'open')
    await page.getByRole('button', { name: /^Redrive \d/ }).click()
    await planMended(page, 'the currency was written wrongly by the producer')
    const changes = page.getByRole('region', { name: 'Changes of each message' })
    await expect(changes).toContainText('amount.currency', { timeout: 60_000 })
    await expect(changes).toContainText('"EURO"')
    await expectAccessible(page)
    await startPlanned(page)
  })

  await test.step('every edited message is processed', async () => {
    const id = await expectAllProcessed(page)
    const items = await countRows('select 1 from operation_item where operation_id = $1', [id])
    expect(items).toBeGreaterThan(3)
    expect(await countRows('select 1 from message_archive where operation_id = $1', [id])).toBe(items)
  })

  await test.step('what was exported is imported into a destination, planned, run and processed like a redrive', async () => {
    await switchBug(false)
    await openGroup(page, 'redriven')
    const downloading = page.waitForEvent('download')
    await page.getByRole('link', { name: 'Export' }).click()
    const path = await (await downloading).path()
    const lineCount = readFileSync(path, 'utf8').trim().split('\n').length
    await page.goto(`${currentInstance().url}/operations`)
    await page.getByRole('button', { name: 'Import messages…' }).click()
    const panel = page.getByRole('dialog')
    await panel.locator('input[type=file]').setInputFiles(path)
    await expect(panel).toContainText(`${lineCount} messages`)
    await panel.getByRole('combobox', { name: 'Destination' }).fill('orders')
    await panel.getByLabel('Rate cap').fill('100')
    await panel.getByLabel('Canary').fill('0')
    await panel.getByLabel('Reason').fill('the queue was lost')
    await expectAccessible(page)
    await panel.getByRole('button', { name: 'Plan it' }).click()
    await expect(panel.getByRole('button', { name: /^Send / })).toBeVisible({ timeout: 60_000 })
    await expect(panel).toContainText('messages to orders')
    await expectAccessible(page)
    await startPlanned(page)
    const id = await expectAllProcessed(page)
    expect(await countRows('select 1 from operation_item where operation_id = $1', [id])).toBe(lineCount)
  })
})
