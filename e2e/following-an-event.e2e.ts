import { expect, test } from '@playwright/test'
import { currentInstance } from './support/instance.ts'
import { burst } from './support/shop.ts'

test('an order number, typed anywhere, leads to its one timeline over every service', async ({ page }) => {
  const { url } = currentInstance()
  await burst(5, 0)
  await page.goto(`${url}/flows`)
  const flow = page.getByRole('link', { name: /^order-/ }).first()
  await expect(flow).toBeVisible({ timeout: 60_000 })
  const order = (await flow.textContent()) ?? ''

  await page.goto(url)
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  await page.keyboard.press('/')
  await page.keyboard.type(order)
  await page.keyboard.press('Enter')
  await page.getByRole('link', { name: order }).first().click()
  await expect(page.getByRole('heading', { name: order })).toBeVisible()
  for (const service of ['checkout', 'payments', 'shipping']) {
    await expect(page.getByText(service).first(), `${service} is on the timeline`).toBeVisible()
  }
  await expect(page.getByText('in queue').first()).toBeVisible()

  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('dialog')).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toBeHidden()
})

test('an id that nobody knows is answered with what to do', async ({ page }) => {
  await page.goto(`${currentInstance().url}/flows/${encodeURIComponent('order-<script>alert(1)</script>')}`)
  await expect(page.getByText(/nobody|no flow|not known|nothing/i).first()).toBeVisible()
})
