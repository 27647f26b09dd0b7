import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isMaskedName, MASK, maskJson, maskText, openMaskRule } from '#domain/masking/mask-text.ts'

const rule = openMaskRule('e-mail, customer_name')

test('masked fields lose their values however deep and whatever they hold; the rest keeps every digit', () => {
  const json =
    '{"id": 12345678901234567890, "card":{"holder":"A","digits":[1,2]},"a":[{"Pass-Word":"x"},{"email":"b@c"}],"n":1.50}'
  expect(maskJson(rule, json)).toEqual({
    text: `{"id": 12345678901234567890, "card":{"holder":"${MASK}","digits":["${MASK}","${MASK}"]},"a":[{"Pass-Word":"${MASK}"},{"email":"${MASK}"}],"n":1.50}`,
    maskedCount: 5,
  })
})

test('after a masked object the next fields are seen again, and null stays null', () => {
  const masked = maskJson(rule, '{"token":{"a":{"b":1}},"amount":5,"secret":null,"list":["password","x"]}')
  expect(masked.text).toBe(`{"token":{"a":{"b":"${MASK}"}},"amount":5,"secret":null,"list":["password","x"]}`)
})

test.each([
  ['a card number', 'paid with 4242 4242 4242 4242.', `paid with ${MASK}.`],
  ['a card number in JSON text', '"4242424242424242"', `"${MASK}"`],
  ['a credential', 'authorization: Bearer abc.def-123456', `authorization: Bearer ${MASK}`],
  ['a JWT', 'x=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc', `x=${MASK}`],
])('%s gives itself away', (_what, text, wanted) => {
  expect(maskText(text)).toEqual({ text: wanted, maskedCount: 1 })
})

test.each(['order-7f3a91c2', '1795262282000000', '4242424242424241', '0000000000000000', '12.4242424242424242'])(
  '%s is shown',
  (text) => {
    expect(maskText(text)).toEqual({ text, maskedCount: 0 })
  },
)

test('a number that is a card number is still JSON when it is masked', () => {
  expect(JSON.parse(maskJson(rule, '{"x":4242424242424242}').text)).toEqual({ x: MASK })
})

test('names are told whatever their spelling', () => {
  for (const name of ['Authorization', 'set-cookie', 'API_KEY', 'customerName'])
    expect(isMaskedName(rule, name)).toBe(true)
  for (const name of ['amount', 'cardinality', 'tokens']) expect(isMaskedName(rule, name)).toBe(false)
})

test('whatever the JSON, what comes out is JSON of the same shape without the masked value', () => {
  const leaf = fc.oneof(fc.constant('hidden-value'), fc.integer(), fc.boolean())
  const tree = fc.letrec((tie) => ({
    node: fc.oneof(
      { maxDepth: 4 },
      leaf,
      fc.array(tie('node'), { maxLength: 4 }),
      fc.dictionary(fc.constantFrom('password', 'amount', 'a"b', 'x:y', 'c,d'), tie('node'), { maxKeys: 4 }),
    ),
  })).node
  fc.assert(
    fc.property(fc.record({ password: tree, seen: fc.constant('seen-value') }), (value) => {
      const { text } = maskJson(rule, JSON.stringify(value))
      const parsed = JSON.parse(text) as { readonly password: unknown; readonly seen: string }
      expect(parsed.seen).toBe('seen-value')
      expect(JSON.stringify(parsed.password)).not.toContain('hidden-value')
    }),
  )
})
