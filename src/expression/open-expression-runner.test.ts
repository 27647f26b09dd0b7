import { afterAll, expect, test } from 'vitest'
import type { LetterSubject } from '#domain/dead-letter/letter-subject.ts'
import { openExpressionRunner } from '#expression/open-expression-runner.ts'

const runner = openExpressionRunner()
afterAll(() => runner.close())

const bytes = (text: string) => new TextEncoder().encode(text)
const letter = (payload: string | null, over: Partial<LetterSubject> = {}): LetterSubject => ({
  key: bytes('customer-7'),
  headers: [
    { name: 'Tenant', value: bytes('acme') },
    { name: 'tenant', value: bytes('globex') },
    { name: 'empty', value: null },
  ],
  payload: payload === null ? null : bytes(payload),
  payloadBytes: payload?.length ?? 0,
  destination: 'orders.DLT',
  origin: 'orders',
  group: null,
  error: 'com.shop.Boom',
  message: 'order 7 refused',
  stack: null,
  dialect: 'spring',
  attempts: 4,
  redrives: 0,
  deadAtMs: Date.UTC(2026, 0, 5),
  ...over,
})

test.each([
  ['payload.customer.country == "CH"', true],
  ['$.customer.country == "CH"', true],
  ['text.contains("$.customer")', false],
  ['payload.lines[1].amount > 10', true],
  ['payload.lines.exists(line, line.sku == "b")', true],
  ['payload.id == 12345678901234567890u || string(payload.id) == "12345678901234567890"', true],
  ['payload.nowhere.at.all == 1', false],
  ['!has(payload.nowhere)', true],
  ['headers["tenant"] == "globex" && headers["Tenant"] == "acme"', true],
  ['headers["missing"] == "x"', false],
  ['headers["empty"] == null', true],
  ['key.startsWith("customer-") && error.endsWith("Boom") && attempts >= 4', true],
  ['message.matches("^order [0-9]+ refused$")', true],
  ['payload.customer.country.matches("^(C|D)H?$")', true],
  ['died < timestamp("2026-02-01T00:00:00Z")', true],
  ['origin in ["orders", "payments"] && group == ""', true],
])('%s is %s', async (expression, isMatch) => {
  const payload =
    '{"id":12345678901234567890,"customer":{"country":"CH"},"lines":[{"sku":"a"},{"sku":"b","amount":12.5}]}'
  expect(await runner.match(expression, [letter(payload)])).toEqual({
    matched: isMatch ? [0] : [],
    failedCount: 0,
    failedReason: null,
  })
})

test('the letters that match are named by their place, and those that it does not fit are counted with the reason', async () => {
  const payloads = ['{"n":5}', 'no json', '{"n":"text"}', '{"n":50}', null]
  const found = await runner.match(
    'payload.n > 10',
    payloads.map((payload) => letter(payload)),
  )
  expect(found.matched).toEqual([3])
  expect(found.failedCount).toBeGreaterThanOrEqual(1)
  expect(found.failedReason).toContain('overload')
})

test.each([
  ['text that breaks off', 'payload.', 'cannot be read'],
  ['a name that nobody knows', 'nothing == 1', 'Unknown variable: nothing'],
  ['what is no truth', 'key + "x"', 'true or false'],
  ['a pattern that RE2 does not have', 'key.matches("(?=x)")', 'pattern'],
  ['an enormous one', Array.from({ length: 400 }, () => 'key == "x"').join(' || '), 'cannot be read'],
])('%s is refused with the reason', async (_what, expression, reason) => {
  await expect(runner.match(expression, [letter('{}')])).rejects.toMatchObject({
    code: 'invalid',
    message: expect.stringContaining(reason),
  })
})

test('a pattern that takes a backtracking engine forever is answered', async () => {
  const text = `${'a'.repeat(5_000)}!`
  expect((await runner.match('text.matches("^(a+)+$")', [letter(text)])).matched).toEqual([])
})

test('an expression that never ends is stopped and said so, and the next one is answered', async () => {
  const impatient = openExpressionRunner({ deadlineMs: 300 })
  const list = `[${Array.from({ length: 90 }, (_, index) => index).join(',')}]`
  const endless = ['a', 'b', 'c', 'd', 'e'].reduceRight((inner, name) => `${list}.all(${name}, ${inner})`, 'a >= 0')
  await expect(impatient.match(endless, [letter('{}')])).rejects.toMatchObject({
    code: 'limit',
    message: expect.stringContaining('longer than 0.3 s'),
  })
  expect((await impatient.match('true', [letter('{}')])).matched).toEqual([0])
  await impatient.close()
})

test('an expression that eats memory is stopped and said so', async () => {
  const small = openExpressionRunner({ memoryMb: 16, deadlineMs: 20_000 })
  const list = `[${Array.from({ length: 90 }, (_, index) => index).join(',')}]`
  const greedy = ['a', 'b', 'c', 'd'].reduceRight((inner, name) => `${list}.map(${name}, ${inner})`, 'a')
  await expect(small.match(`size(${greedy}) == 0`, [letter('{}')])).rejects.toMatchObject({ code: 'limit' })
  await small.close()
})

test('more searches at once than may wait are refused, and no second worker takes them', async () => {
  const narrow = openExpressionRunner({ maxWaiting: 1 })
  const first = narrow.match('true', [letter('{}')])
  await expect(narrow.match('true', [letter('{}')])).rejects.toMatchObject({ code: 'limit', retryable: true })
  expect((await first).matched).toEqual([0])
  await narrow.close()
})
