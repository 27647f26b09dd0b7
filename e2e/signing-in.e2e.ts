import { expect, test } from '@playwright/test'
import { expectAccessible } from './support/expect-accessible.ts'
import { currentInstance, OWNER_PASSWORD, OWNER_STATE } from './support/instance.ts'

test('a stranger sees nothing but the way in', async ({ page, request }) => {
  const { url } = currentInstance()
  await page.goto(`${url}/dead-letters`)
  await expect(page).toHaveURL(/sign-in/)
  const answer = await request.get(`${url}/api/trpc/deadLetter.groups?input=${encodeURIComponent('{"json":{}}')}`)
  expect(answer.status()).toBe(401)
})

test('the owner signs in with the one-time password and chooses one of their own', async ({ page, context }) => {
  const { url, login, oneTimePassword } = currentInstance()
  await page.goto(`${url}/sign-in`)
  await page.getByLabel('Login').fill(login)
  await page.getByLabel('Password', { exact: true }).fill('not the password')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.getByText('do not belong together')).toBeVisible()
  await expectAccessible(page)

  await page.getByLabel('Password', { exact: true }).fill(oneTimePassword)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.getByLabel('New password again')).toBeVisible()
  await expectAccessible(page)
  await page.getByLabel('New password', { exact: true }).fill(OWNER_PASSWORD)
  await page.getByLabel('New password again').fill(OWNER_PASSWORD)
  await page.getByRole('button', { name: 'Use this password' }).click()
  await expect(page.getByRole('heading', { name: 'Overview' })).toBeVisible()
  await context.storageState({ path: OWNER_STATE })
})
