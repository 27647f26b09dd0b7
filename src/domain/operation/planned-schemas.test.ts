import { expect, test } from 'vitest'
import { createSchemaTally, describeSchemas } from '#domain/operation/planned-schemas.ts'

const example = (at: number) => ({ deadLetterId: String(at), fingerprint: 'f', position: `0@${at}` })

test('verdicts are counted by reason with their first examples, and each kind is one sentence with a remedy', () => {
  const tally = createSchemaTally()
  for (let at = 0; at < 5; at += 1) {
    tally.add({ outcome: 'does-not-decode', reason: 'it ends too early', detail: `byte ${at}` }, 'orders', example(at))
  }
  tally.add({ outcome: 'does-not-decode', reason: 'it is no JSON', detail: null }, 'orders', example(5))
  tally.add({ outcome: 'fits' }, 'orders', example(6))
  tally.add({ outcome: 'no-schema' }, 'other', example(7))
  const found = tally.result()
  expect(found).toMatchObject({ fitCount: 1, noSchemaCount: 1 })
  expect(found.findings).toEqual([
    {
      outcome: 'does-not-decode',
      destination: 'orders',
      reason: 'it ends too early',
      count: 5,
      examples: [0, 1, 2].map((at) => ({ ...example(at), detail: `byte ${at}` })),
    },
    expect.objectContaining({ reason: 'it is no JSON', count: 1 }),
  ])
  expect(describeSchemas(found)).toEqual([expect.stringMatching(/^6 messages cannot be decoded: .* Discard them, /)])
})

test('a hundred thousand different reasons take no more room than thirty', () => {
  const tally = createSchemaTally()
  for (let at = 0; at < 100_000; at += 1) {
    tally.add({ outcome: 'does-not-fit', reason: `reason ${at}`, detail: null }, 'orders', example(at))
  }
  const { findings } = tally.result()
  expect(findings).toHaveLength(31)
  expect(findings[0]).toMatchObject({ reason: 'other reasons', count: 99_970 })
  expect(findings.reduce((total, one) => total + one.count, 0)).toBe(100_000)
})
