import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { settle } from './payments/settle.ts'
import { springDeadLetterHeaders } from './spring-headers.ts'

interface Captured {
  readonly topics: Readonly<
    Record<
      string,
      readonly { readonly headers: readonly { readonly key: string; readonly valueHex: string | null }[] }[]
    >
  >
}

const fixture = join(import.meta.dirname, '..', 'fixtures', 'dead-letters', 'spring-kafka.json')
const captured = JSON.parse(readFileSync(fixture, 'utf8')) as Captured

test('a dead letter of the shop has the headers of a real one, each in the same form', () => {
  const real = (captured.topics['invoices-dlt']?.[0]?.headers ?? []).filter((one) => one.key.startsWith('kafka_dlt-'))
  const error = thrownBy(() => settle({ amount: { currency: 'EURO', cents: 1 } } as never, true))
  const failed = {
    topic: 's35c-invoices',
    partition: 2,
    offset: '4305',
    timestampMs: 1_795_237_800_047,
    group: 'payments',
  }
  const ours = springDeadLetterHeaders(failed, error)
  expect(Object.keys(ours).toSorted()).toEqual(real.map((one) => one.key).toSorted())
  for (const name of ['partition', 'offset', 'timestamp']) {
    const header = `kafka_dlt-original-${name}`
    const valueHex = real.find((one) => one.key === header)?.valueHex ?? ''
    expect(ours[header]?.toString('hex')).toHaveLength(valueHex.length)
  }
  expect(ours['kafka_dlt-original-partition']?.toString('hex')).toBe('00000002')
  expect(ours['kafka_dlt-original-offset']?.toString('hex')).toBe('00000000000010d1')
  expect(ours['kafka_dlt-original-timestamp']?.readBigInt64BE()).toBe(1_795_237_800_047n)
  expect(ours['kafka_dlt-exception-cause-fqcn']?.toString()).toBe('CurrencyMismatch')
  expect(ours['kafka_dlt-exception-stacktrace']?.toString()).toMatch(
    /\nCaused by: CurrencyMismatch: .*\n {4}at settle \(/,
  )
})

test('the repaired service takes the order that the broken one refuses, and both refuse what is no euro', () => {
  const order = (currency: string) => ({ amount: { currency, cents: 990 } }) as never
  expect(settle(order('EUR'), true)).toBe(990)
  expect(() => settle(order('EURO'), true)).toThrow('expected EUR, got EURO')
  expect(settle(order('EURO'), false)).toBe(990)
  expect(() => settle(order('CHF'), false)).toThrow('expected EUR, got CHF')
})

function thrownBy(act: () => unknown): Error {
  try {
    act()
  } catch (error) {
    return error as Error
  }
  throw new Error('nothing was thrown')
}
