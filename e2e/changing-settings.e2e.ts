import { expect, test } from '@playwright/test'
import { expectAccessible } from './support/expect-accessible.ts'
import { currentInstance } from './support/instance.ts'
import { burst } from './support/shop.ts'

test('a correlation rule is tried on recent messages, saved with a reason, on record, and removed', async ({
  page,
}) => {
  const { url } = currentInstance()
  await burst(5, 0)
  await page.goto(`${url}/settings?tab=correlation`)
  await page.getByRole('button', { name: 'New rule' }).click()
  await page.getByLabel('Destination', { exact: true }).fill('order*')
  await page.getByLabel('Attributes or headers, one per line, best first').fill('x-nobody-sends-this')
  await expect(async () => {
    await page.getByRole('button', { name: 'Try on recent messages' }).click()
    await expect(page.getByText(/Of \d+\srecent messages? 0 would get an id by this rule/)).toBeVisible({
      timeout: 5_000,
    })
  }).toPass({ timeout: 90_000 })
  await expectAccessible(page)

  // What is saved is for a destination of nobody, so that the other stories are not about it.
  await page.getByLabel('Destination', { exact: true }).fill('nobody.*')
  await expect(page.getByText('The draft has changed since this was tried.')).toBeVisible()
  await page.getByRole('button', { name: 'Save…' }).click()
  await page.getByLabel('Reason').fill('their order stands there')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  const rule = page.getByRole('row').filter({ hasText: 'nobody.*' })
  await expect(rule).toContainText('x-nobody-sends-this')

  await rule.click()
  await page.getByRole('button', { name: 'Remove…' }).click()
  await page.getByLabel('Reason').fill('it was only tried')
  await page.getByRole('button', { name: 'Remove', exact: true }).click()
  await expect(page.getByText('No rules: the conventions decide')).toBeVisible()
  await page.goto(`${url}/audit`)
  await expect(page.getByText('correlation.save-rule').first()).toBeVisible()
  await expect(page.getByText('correlation.remove-rule').first()).toBeVisible()
})

test('a group is given more time, and then what is learnt again', async ({ page }) => {
  await page.goto(`${currentInstance().url}/settings?tab=expected`)
  const row = page.getByRole('row').filter({ hasText: 'orders' }).filter({ hasText: 'by inventory' })
  await expect(row).toBeVisible({ timeout: 60_000 })
  await row.getByRole('button').click()
  await page.getByLabel('Expected within').fill('1 h 30 m')
  await page.getByLabel('Reason').fill('a stock-taking is under way')
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Set', exact: true }).click()
  await expect(row).toContainText(/1\sh\s30\sm set by a person/)
  await row.getByRole('button').click()
  await page.getByLabel('Reason').fill('it is over')
  await page.getByRole('button', { name: 'Go by what is learnt' }).click()
  await expect(row).not.toContainText('set by a person')
})

test('somebody is invited with a password that is told once, and deactivated again', async ({ page }) => {
  const { url } = currentInstance()
  await page.goto(`${url}/settings?tab=people`)
  await page.getByRole('button', { name: 'Invite' }).click()
  const login = `olga-${Date.now()}`
  await page.getByLabel('Login', { exact: true }).fill(login)
  await page.getByLabel('Name', { exact: true }).fill('Olga')
  await page.getByLabel('Reason').fill('joins the team on call')
  await page.getByRole('button', { name: 'Add', exact: true }).click()
  await expect(page.getByRole('region', { name: 'One-time password' })).toHaveText(/^[a-z0-9]{5}(?:-[a-z0-9]{5}){3}$/)
  await expectAccessible(page)
  await page.getByRole('button', { name: 'I have it' }).click()
  await page.getByRole('row').filter({ hasText: login }).click()
  await page.getByRole('button', { name: 'Deactivate…' }).click()
  await page.getByLabel('Reason').fill('the contract is over')
  await page.getByRole('button', { name: 'Deactivate', exact: true }).click()
  await expect(page.getByRole('row').filter({ hasText: login })).toContainText('Deactivated')
})

test('on a phone, settings are under More', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 })
  await page.goto(currentInstance().url)
  await expect(page.getByRole('heading', { name: 'Overview' })).toBeVisible()
  await page.getByRole('button', { name: 'More' }).click()
  await page.getByRole('region', { name: 'More pages' }).getByRole('link', { name: 'Settings' }).click()
  await expect(page.getByRole('heading', { name: 'Settings', level: 1 })).toBeVisible()
})
