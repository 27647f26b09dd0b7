import { expect, test } from '@playwright/test'
import { currentInstance } from './support/instance.ts'

test('somebody new sees who sends where, opens a node by keyboard and follows its path', async ({ page }) => {
  await page.goto(`${currentInstance().url}/topology`)
  const map = page.getByRole('region', { name: 'Map of services and destinations' })
  const checkout = map.getByRole('link', { name: /^Service checkout/ })
  const orders = map.getByRole('link', { name: /^Destination orders,/ })
  await expect(checkout).toBeVisible({ timeout: 60_000 })
  await expect(orders).toBeVisible({ timeout: 60_000 })
  const left = await checkout.boundingBox()
  const right = await orders.boundingBox()
  expect(left?.x ?? Number.NaN).toBeLessThan(right?.x ?? Number.NaN)

  await checkout.focus()
  await page.keyboard.press('Enter')
  const panel = page.getByRole('dialog', { name: 'checkout' })
  await expect(panel).toContainText(/Sends\s*[\d.]+\/s/)
  await expect(panel.getByRole('link', { name: 'Flows' })).toHaveAttribute('href', '/flows?service=checkout')
  await expect(panel).toContainText(/checkout → orders\S* → \w+/, { timeout: 60_000 })
  await panel.getByRole('button', { name: 'Show only its path' }).click()
  await expect(page.getByRole('button', { name: 'Show everything again' })).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(panel).toBeHidden()
})

test('nothing moves on the map while only its figures change', async ({ page }) => {
  await page.goto(`${currentInstance().url}/topology`)
  const places = () =>
    page
      .getByRole('region', { name: 'Map of services and destinations' })
      .getByRole('link')
      .evaluateAll((links) =>
        links.map((link) => `${link.getAttribute('href')} ${link.parentElement?.getAttribute('transform')}`),
      )
  await expect.poll(places, { timeout: 60_000 }).not.toEqual([])
  const before = await places()
  const answered = page.waitForResponse((response) => response.url().includes('topology.get'))
  await answered
  const after = await places()
  expect(before.filter((one) => !after.includes(one))).toEqual([])
})

test('the same is there as a table, and a moment of the past is one slide away', async ({ page }) => {
  await page.goto(`${currentInstance().url}/topology`)
  await page.getByRole('group', { name: 'Shown as' }).getByText('Table').click()
  const table = page.getByRole('table', { name: 'Services and destinations' })
  await expect(table.getByRole('row').filter({ hasText: 'checkout' })).toBeVisible({ timeout: 60_000 })
  await page.getByRole('slider', { name: 'Moment that is shown' }).press('ArrowLeft')
  await expect(page).toHaveURL(/at=\d+/)
  await expect(page.getByText('lag and dead letters are shown for the present only')).toBeVisible()
  await page.getByRole('button', { name: 'Back to now' }).click()
  await expect(page).not.toHaveURL(/at=/)
})
