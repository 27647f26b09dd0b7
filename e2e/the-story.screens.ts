import { expect, test, type Page } from '@playwright/test'
import { currentInstance } from './support/instance.ts'
import { photograph, skipWhenAllTaken } from './support/photograph.ts'
import { burst, switchBug, switchSlow } from './support/shop.ts'

const GROUP = /CurrencyMismatch/
const openGroup = (page: Page) =>
  page.getByRole('table', { name: 'Failure groups' }).getByRole('row').filter({ hasText: GROUP }).click()

test.setTimeout(600_000)
test.beforeEach(skipWhenAllTaken)

/** Every page and state, taken while the demo goes through its story. */
test('the story', async ({ page, browser }) => {
  const { url } = currentInstance()
  const stranger = await browser.newPage({ storageState: { cookies: [], origins: [] } })
  await stranger.goto(`${url}/sign-in`)
  await expect(stranger.getByRole('heading', { name: 'Sign in' })).toBeVisible()
  await photograph(stranger, 'sign-in')
  await stranger.close()

  await page.goto(`${url}/operations`)
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  await photograph(page, 'operations-empty')

  await switchBug(true)
  await switchSlow(true)
  await burst(900, 0.12)
  await page.goto(`${url}/dead-letters`)
  await expect(page.getByRole('table', { name: 'Failure groups' })).toContainText(GROUP, { timeout: 60_000 })
  await page.goto(`${url}/consumers`)
  await expect(
    page
      .getByRole('row')
      .filter({ hasText: /Lagging/ })
      .first(),
  ).toBeVisible({ timeout: 90_000 })
  await photograph(page, 'consumers')
  await page
    .getByRole('row')
    .filter({ hasText: /Lagging/ })
    .first()
    .click()
  await expect(page.getByRole('table').first()).toBeVisible()
  const measure = page.getByRole('button', { name: 'Measure now' }).first()
  // Queues keep the age of what waits themselves.
  if (await measure.isVisible()) await measure.click()
  await page.waitForTimeout(6_000)
  await photograph(page, 'consumer')
  await page.getByText('lanes', { exact: true }).click()
  await page.waitForTimeout(2_000)
  await photograph(page, 'consumer-lanes')
  await page.goto(url)
  await expect(page.getByText(GROUP).first()).toBeVisible()
  await photograph(page, 'overview')
  await page.goto(`${url}/flows`)
  await expect(page.getByRole('link', { name: /^order-/ }).first()).toBeVisible()
  await photograph(page, 'flows')
  await page.goto(`${url}/topology`)
  await expect(page.getByRole('link', { name: /^Service payments/ })).toBeVisible({ timeout: 60_000 })
  await page.waitForTimeout(3_000)
  await photograph(page, 'topology')
})

/** From the panel of a dead letter. */
async function photographDiscard(page: Page): Promise<void> {
  await page.getByRole('dialog').getByRole('button', { name: 'Discard…' }).click()
  await page.getByLabel('Reason').fill('an order of the load test')
  await photograph(page, 'discard')
  await page.getByRole('button', { name: 'Plan it' }).click()
  await expect(page.getByRole('button', { name: 'Discard 1 message' })).toBeVisible({ timeout: 60_000 })
  await photograph(page, 'discard-plan')
}

test('what died', async ({ page }) => {
  const { url } = currentInstance()
  await page.goto(`${url}/dead-letters`)
  await openGroup(page)
  await expect(page.getByRole('table', { name: 'Messages' })).toBeVisible()
  await expect(page.getByRole('region', { name: 'Facts of the failure group' })).toContainText('Versions failing')
  await photograph(page, 'dead-letters')
  await page.goto(`${url}/dead-letters?expression=${encodeURIComponent('text.contains("EURO")')}`)
  await expect(page.getByRole('table', { name: 'Messages found' })).toBeVisible({ timeout: 30_000 })
  await photograph(page, 'dead-letters-search')
  await page.goto(`${url}/dead-letters`)
  await openGroup(page)
  await page.getByRole('table', { name: 'Messages' }).getByRole('row').nth(1).click()
  const panel = page.getByRole('dialog')
  await expect(panel.getByRole('region', { name: 'Message' })).toContainText('EURO')
  await photograph(page, 'dead-letter')
  await panel.getByRole('region', { name: 'Message' }).evaluate((region) => region.scrollIntoView())
  await photograph(page, 'message')
  await photographDiscard(page)
  await page.goto(`${url}/dead-letters`)
  await openGroup(page)
  await page.getByRole('table', { name: 'Messages' }).getByRole('row').nth(1).click()
  await panel.getByRole('link', { name: /^order-/ }).click()
  await expect(page.getByText('in queue').first()).toBeVisible()
  await photograph(page, 'flow-dead-lettered')
  const flowUrl = page.url()

  await switchBug(false)
  await page.goto(`${url}/dead-letters`)
  await openGroup(page)
  await page.getByRole('button', { name: /^Redrive \d/ }).click()
  await page.getByLabel('Reason').fill('currency map mended in 4.18.1')
  await page.getByLabel('Rate cap').fill('2')
  await photograph(page, 'redrive')
  await page.getByRole('button', { name: 'Plan it' }).click()
  const start = page.getByRole('button', { name: /^(Start with|Send) / })
  await expect(start).toBeVisible({ timeout: 30_000 })
  await photograph(page, 'redrive-plan')
  await start.click()
  await expect(page).toHaveURL(/\/operations\/[0-9a-f-]{36}/)
  await expect(page.getByRole('region', { name: 'Progress' })).toContainText(/[1-9]\d* processed/, { timeout: 60_000 })
  await photograph(page, 'operation-running')
  // What is usual is known after some looks; live traffic that comes then is yielded to.
  await page.waitForTimeout(15_000)
  await burst(800, 0)
  await expect(page.getByText('Yields to live traffic')).toBeVisible({ timeout: 60_000 })
  await page.waitForTimeout(6_000)
  await photograph(page, 'operation-yielding')
  await switchSlow(false)
  await expect(page.getByText('Completed').first()).toBeVisible({ timeout: 240_000 })
  await page.waitForTimeout(5_000)
  await photograph(page, 'operation')
  await page.goto(`${url}/operations`)
  await expect(page.getByText('Completed').first()).toBeVisible()
  await photograph(page, 'operations')
  await page.goto(flowUrl)
  await expect(page.getByText(/redrive/i).first()).toBeVisible()
  await photograph(page, 'flow')
  await page.goto(`${url}/audit`)
  await expect(page.getByText('operation.start').first()).toBeVisible()
  await photograph(page, 'audit')
})

/** Somebody else who may approve, and a rule by which every plan needs one. */
async function askForApproval(page: Page): Promise<void> {
  const { url } = currentInstance()
  await page.goto(`${url}/settings?tab=people`)
  await page.getByRole('button', { name: 'Invite' }).click()
  await page.getByLabel('Login', { exact: true }).fill(`ada-${Date.now()}`)
  await page.getByLabel('Name', { exact: true }).fill('Ada')
  await page.getByLabel('Reason').fill('approves')
  await page.getByRole('dialog').getByText('approver', { exact: true }).click()
  await page.getByRole('button', { name: 'Add', exact: true }).click()
  await page.getByRole('button', { name: 'I have it' }).click()
  await changeRule(page, '0')
}

async function changeRule(page: Page, otherCount: string): Promise<void> {
  await page.goto(`${currentInstance().url}/settings?tab=approvals`)
  await page.getByLabel('Elsewhere').fill(otherCount)
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(page.getByText('Changed by')).toBeVisible()
}

test('what is edited, approved and imported', async ({ page }, info) => {
  const { url } = currentInstance()
  await switchBug(true)
  await burst(60, 0.5)
  await page.goto(`${url}/dead-letters`)
  await page
    .getByRole('table', { name: 'Failure groups' })
    .getByRole('row')
    .filter({ hasText: GROUP })
    .click({ timeout: 60_000 })
  await page.getByRole('button', { name: /^Redrive \d/ }).click()
  await page.getByRole('button', { name: 'Add a change' }).click()
  await page.getByRole('textbox', { name: 'Field' }).fill('amount.currency')
  await page.getByRole('textbox', { name: 'Value, as JSON' }).fill('"EUR"')
  await page.getByLabel('Reason').fill('the currency was written wrongly by the producer')
  await page.getByRole('button', { name: 'Add a change' }).evaluate((button) => button.scrollIntoView())
  await photograph(page, 'redrive-edit')
  await page.getByRole('button', { name: 'Plan it' }).click()
  const changes = page.getByRole('region', { name: 'Changes of each message' })
  await expect(changes).toContainText('amount.currency', { timeout: 60_000 })
  await changes.evaluate((region) => region.scrollIntoView())
  await photograph(page, 'edit-diff')

  const downloading = page.waitForEvent('download')
  await page.goto(`${url}/dead-letters`)
  await openGroup(page)
  await page.getByRole('link', { name: 'Export' }).click()
  const path = info.outputPath('dead-letters-open.jsonl')
  await (await downloading).saveAs(path)
  await askForApproval(page)
  await page.goto(`${url}/operations`)
  await page.getByRole('button', { name: 'Import messages…' }).click()
  const panel = page.getByRole('dialog')
  await panel.locator('input[type=file]').setInputFiles(path)
  await panel.getByRole('combobox', { name: 'Destination' }).fill('orders')
  await panel.getByLabel('Reason').fill('the queue was lost with its disk')
  await expect(panel.getByText('sha256')).toBeVisible()
  await photograph(page, 'import')
  await panel.getByRole('button', { name: 'Plan it' }).click()
  await expect(panel.getByText('It waits for a second person')).toBeVisible({ timeout: 60_000 })
  await photograph(page, 'import-plan')
  await panel.getByText('It waits for a second person').evaluate((note) => note.scrollIntoView())
  await photograph(page, 'approval')
  await changeRule(page, '10000')
})

/** What is beside the story: the picture's name, and where it is taken. */
const BESIDE = [
  ['flows-stuck', '/flows?tab=stuck'],
  ['flows-instrumentation', '/flows?tab=instrumentation'],
  ['flows-retries', '/flows?tab=retries'],
  ['settings-clusters', '/settings'],
  ['settings-correlation', '/settings?tab=correlation'],
  ['settings-expected-times', '/settings?tab=expected'],
  ['settings-search', '/settings?tab=search'],
  ['settings-approvals', '/settings?tab=approvals'],
  ['settings-people', '/settings?tab=people'],
  ['operations-import', '/operations?import=true'],
] as const

test('what is beside the story', async ({ page }) => {
  const { url } = currentInstance()
  for (const [name, path] of BESIDE) {
    await page.goto(url + path)
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
    await expect(page.locator('[aria-busy="true"]')).toHaveCount(0)
    await page.waitForTimeout(2_000)
    await photograph(page, name)
  }
  await page.goto(`${url}/flows`)
  const orders = page.getByRole('link', { name: /^order-/ })
  await expect(orders.nth(1)).toBeVisible()
  const [left, right] = await Promise.all([orders.nth(0).textContent(), orders.nth(1).textContent()])
  await page.goto(`${url}/flows/${left}?tab=graph`)
  await expect(page.getByRole('region', { name: 'Map of the messages' })).toBeVisible()
  await page.waitForTimeout(2_000)
  await photograph(page, 'flow-graph')
  await page.goto(`${url}/compare?left=${left}&right=${right}`)
  await page.waitForTimeout(3_000)
  await photograph(page, 'flows-compare')
})

/** Pages whose data cannot be had. */
const UNREACHABLE = [
  ['settings-unreachable', '/settings?tab=approvals'],
  ['flows-retries-unreachable', '/flows?tab=retries'],
  ['flows-compare-unreachable', '/compare?left=a&right=b'],
] as const

test('what is not there, not yet there, or cannot be had', async ({ page }) => {
  const { url } = currentInstance()
  await page.goto(`${url}/flows?id=order-that-never-was`)
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  await page.waitForTimeout(2_000)
  await photograph(page, 'flows-empty')
  await page.goto(`${url}/flows/${encodeURIComponent(`${'a-very-long-id-'.repeat(12)}<script>alert(1)</script>`)}`)
  await page.waitForTimeout(2_000)
  await photograph(page, 'flow-unknown')
  await page.route('**/api/trpc/**', async (route) => {
    if (route.request().url().includes('session.')) await route.continue()
  })
  await page.goto(`${url}/consumers`)
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  await photograph(page, 'consumers-loading')
  await page.unroute('**/api/trpc/**')
  await page.route('**/api/trpc/**', async (route) => {
    if (route.request().url().includes('session.')) await route.continue()
    else await route.abort()
  })
  await page.goto(`${url}/dead-letters`)
  await page.waitForTimeout(8_000)
  await photograph(page, 'dead-letters-unreachable')
  for (const [name, path] of UNREACHABLE) {
    await page.goto(url + path)
    await page.waitForTimeout(8_000)
    await photograph(page, name)
  }
})
