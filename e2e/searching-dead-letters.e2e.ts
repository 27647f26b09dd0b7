import { expect, test } from '@playwright/test'
import { expectAccessible } from './support/expect-accessible.ts'
import { currentInstance } from './support/instance.ts'
import { burst, switchBug, switchSlow } from './support/shop.ts'

const GROUP = /CurrencyMismatch/

/** The stories after this one find the shop as it starts. */
test.afterAll(async () => {
  await switchBug(true)
  await switchSlow(true)
})

test('messages are found by what is in them, and exactly those are planned; their group says since when and in which version it fails', async ({
  page,
}, info) => {
  test.setTimeout(240_000)
  const { url, brokerKind } = currentInstance()
  // A Postgres queue carries the order in an envelope.
  const currency = brokerKind === 'kafka' ? '$.amount.currency' : '$.data.amount.currency'
  const keep = async (name: string) => {
    await page.screenshot({ path: info.outputPath(`${name}.png`) })
    await expectAccessible(page)
  }
  const size = page.viewportSize()
  const keepOnPhone = async (name: string) => {
    await page.setViewportSize({ width: 390, height: 844 })
    await keep(name)
    if (size !== null) await page.setViewportSize(size)
  }
  await switchSlow(false)
  await switchBug(true)
  await burst(30, 0.5)

  await test.step('a group says when its messages died and which version failed', async () => {
    await page.goto(`${url}/dead-letters`)
    const row = page.getByRole('table', { name: 'Failure groups' }).getByRole('row').filter({ hasText: GROUP })
    await row.click({ timeout: 90_000 })
    const facts = page.getByRole('region', { name: 'Facts of the failure group' })
    await expect(facts).toContainText('First seen')
    await expect(facts).toContainText(/payments \d+\.\d+/, { timeout: 60_000 })
    await keep('group')
    await facts.scrollIntoViewIfNeeded()
    await keepOnPhone('group-on-a-phone')
  })

  await test.step('an expression over the payload finds messages, over all groups', async () => {
    await page.goto(`${url}/dead-letters`)
    await page.getByRole('button', { name: 'Search messages' }).click()
    await page.getByLabel('Expression over the message').fill(`${currency} ==`)
    await expect(page.getByText('cannot be read')).toBeVisible({ timeout: 30_000 })
    await page.getByLabel('Expression over the message').fill(`${currency} == "EURO" && origin != "nowhere"`)
    const found = page.getByRole('table', { name: 'Messages found' })
    await expect(found).toContainText(GROUP, { timeout: 60_000 })
    await expect(page).toHaveURL(/expression=/)
    await keep('found')
    await keepOnPhone('found-on-a-phone')
    await page.getByLabel('Part of the error').fill('nothing of this kind')
    await expect(page.getByText('No open dead letter is like that')).toBeVisible({ timeout: 30_000 })
    await page.getByLabel('Part of the error').fill('currencymismatch')
    await expect(found).toContainText(GROUP, { timeout: 30_000 })
  })

  await test.step('exactly what is found is planned, and nothing is sent by planning', async () => {
    await page.getByRole('button', { name: 'Redrive what is found…' }).click()
    const panel = page.getByRole('dialog')
    await expect(panel).toContainText(currency)
    await page.getByLabel('Reason').fill('only those with the wrong currency')
    await keep('redrive-what-is-found')
    await panel.getByRole('button', { name: 'Plan it' }).click()
    await expect(panel.getByRole('button', { name: /^(Start with|Send) / })).toBeVisible({ timeout: 60_000 })
    await panel.getByRole('button', { name: 'Close' }).click()
    await page.getByRole('button', { name: 'Back to the failure groups' }).click()
    await expect(page.getByRole('table', { name: 'Failure groups' })).toContainText(GROUP)
  })
})
