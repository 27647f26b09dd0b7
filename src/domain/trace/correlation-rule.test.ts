import { expect, test } from 'vitest'
import {
  applyRule,
  compileRules,
  type CorrelationRule,
  correlationRuleSchema,
  headerKeysOf,
  orderRules,
  spanKeysOf,
} from '#domain/trace/correlation-rule.ts'
import { readNamedAttributes } from '#domain/trace/read-named-attributes.ts'

const rule = (destination: string, names: readonly string[] = ['order'], system: string | null = null) => ({
  system,
  destination,
  names,
})

const readFrom = (of: CorrelationRule, attributes: Readonly<Record<string, unknown>>) =>
  applyRule(of, spanKeysOf, readNamedAttributes(attributes))

test('the most specific rule decides, in whatever order they were made', () => {
  const rules = [
    rule('*', ['any']),
    rule('orders.*', ['pattern']),
    rule('orders.eu', ['name']),
    rule('orders.eu', ['kafka'], 'kafka'),
  ]
  for (const order of [rules, rules.toReversed()]) {
    const compiled = compileRules(order)
    expect(compiled.find('kafka', 'orders.eu')?.names).toEqual(['kafka'])
    expect(compiled.find('rabbitmq', 'orders.eu')?.names).toEqual(['name'])
    expect(compiled.find('kafka', 'orders.us')?.names).toEqual(['pattern'])
    expect(compiled.find('kafka', null)?.names).toEqual(['any'])
  }
  expect(orderRules(rules).map(({ names }) => names[0])).toEqual(['kafka', 'name', 'pattern', 'any'])
})

test('a destination that no rule is for is left to the conventions, also when asked again', () => {
  const rules = compileRules([rule('orders', ['x'], 'kafka')])
  for (let time = 0; time < 2; time += 1) {
    expect(rules.find('kafka', 'payments')).toBeNull()
    expect(rules.find('rabbitmq', 'orders')).toBeNull()
    expect(rules.find('kafka', 'orders')).not.toBeNull()
  }
})

test('more destinations than are remembered are still told apart', () => {
  const rules = compileRules([rule('d1*')])
  for (let number = 0; number < 5_000; number += 1) {
    expect(rules.find('kafka', `d${number}`) !== null).toBe(String(number).startsWith('1'))
  }
})

test('names are looked for in their order, in any spelling, as attribute or as captured header', () => {
  const wanted = rule('orders', ['X-Order-Ref', 'tenant.order'])
  expect(readFrom(wanted, { 'tenant.order': 'b-2', x_order_ref: 'a-1' })).toMatchObject({
    id: 'a-1',
    name: 'X-Order-Ref',
  })
  expect(readFrom(wanted, { 'messaging.header.x-order-ref': ['a-1'] }).id).toBe('a-1')
  expect(readFrom(wanted, { 'messaging.message.header.x_order_ref': 'a-1' }).id).toBe('a-1')
  expect(readFrom(wanted, { tenant_order: 4711 }).id).toBe('4711')
  expect(readFrom(rule('orders', ['messaging.header.ref']), { 'messaging.header.ref': 'r-9' }).id).toBe('r-9')
  expect(headerKeysOf('messaging.header.X-Ref')).toEqual(['x_ref'])
})

test('junk is refused under a rule as well, and said', () => {
  const found = readFrom(rule('orders', ['first', 'second']), { first: 'null', second: 'order-7' })
  expect(found).toEqual({ id: 'order-7', name: 'second', refused: [{ name: 'first', value: 'null' }] })
  expect(readFrom(rule('orders', ['first']), { first: '00000000' }).id).toBeNull()
  expect(readFrom(rule('orders', ['first']), { first: 'a\u0007b' }).id).toBeNull()
  expect(readFrom(rule('orders', ['first']), { first: ['one-1', 'two-2'] }).id).toBeNull()
})

test('what a person may write is bounded', () => {
  const parse = (wish: unknown) => correlationRuleSchema.safeParse(wish).success
  expect(correlationRuleSchema.parse(rule(' orders.* ', ['a'], ' Kafka '))).toEqual(rule('orders.*', ['a'], 'kafka'))
  expect(parse(rule('orders', []))).toBe(true)
  expect(parse(rule(''))).toBe(false)
  expect(parse(rule('x'.repeat(301)))).toBe(false)
  expect(parse(rule('*a'.repeat(9)))).toBe(false)
  expect(parse(rule('orders', ['with blank']))).toBe(false)
  expect(parse(rule('orders', ['a.b', 'A_B']))).toBe(false)
  expect(
    parse(
      rule(
        'orders',
        Array.from({ length: 11 }, (_, index) => `n${index}`),
      ),
    ),
  ).toBe(false)
  expect(parse(rule('orders', ['a'], 'no system!'))).toBe(false)
})
