import { expect, test } from '@playwright/test'
import { expectAccessible } from './support/expect-accessible.ts'
import { currentInstance } from './support/instance.ts'

test('a stretch of time is picked in the histogram by dragging and by keys, and given up again', async ({ page }) => {
  await page.goto(`${currentInstance().url}/flows?window=15m`)
  const histogram = page.getByRole('slider', { name: 'Flows over time' })
  await expect(histogram).toHaveAttribute('aria-valuetext', /[1-9][\d,]* flow/, { timeout: 60_000 })
  await expect(page.getByRole('table', { name: 'Flows' }).getByRole('row').nth(1)).toBeVisible({ timeout: 60_000 })

  await histogram.focus()
  await page.keyboard.press('ArrowLeft')
  await page.keyboard.press('Shift+Home')
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/from=\d+/)
  await page.getByRole('button', { name: /^Give up the range/ }).click()
  await expect(page).not.toHaveURL(/from=/)

  await expect(histogram).toBeVisible({ timeout: 60_000 })
  const box = await histogram.boundingBox()
  if (box === null) throw new Error('the histogram is not drawn')
  await page.mouse.move(box.x + box.width * 0.2, box.y + box.height / 2)
  await page.mouse.down()
  await page.mouse.move(box.x + box.width * 0.98, box.y + box.height / 2, { steps: 4 })
  await page.mouse.up()
  await expect(page).toHaveURL(/from=\d+.*to=\d+/)
  await expect(page.getByRole('table', { name: 'Flows' }).getByRole('row').nth(1)).toBeVisible({ timeout: 60_000 })
})

test('flows are found by an attribute of their spans, and what nobody has is said to be nowhere', async ({ page }) => {
  await page.goto(`${currentInstance().url}/flows?window=15m`)
  await page.getByRole('button', { name: 'More filters' }).click()
  await page.getByLabel('Attribute key').fill('messaging.system')
  await expect(page).toHaveURL(/attribute=messaging\.system/)
  await expect(page.getByText('Not indexed', { exact: false })).toBeVisible({ timeout: 60_000 })
  await expect(page.getByRole('table', { name: 'Flows' }).getByRole('row').nth(1)).toBeVisible({ timeout: 60_000 })
  await expectAccessible(page)

  await page.getByLabel('Attribute value').fill("nobody's %")
  await expect(page.getByRole('heading', { name: 'No flow is like that' })).toBeVisible({ timeout: 60_000 })
})
