import { randomBytes } from 'node:crypto'
import { Partitioners } from 'kafkajs'
import { expect, test } from 'vitest'
import { choosePartition } from '#brokers/kafka/choose-partition.ts'

test('a key goes where Java producers put it', () => {
  const java = Partitioners.DefaultPartitioner()
  const partitionMetadata = Array.from({ length: 12 }, (_, partitionId) => ({
    partitionErrorCode: 0,
    partitionId,
    leader: 1,
    replicas: [1],
    isr: [1],
  }))
  for (let length = 1; length < 200; length++) {
    const key = randomBytes(length)
    const expected = java({ topic: 'any', partitionMetadata, message: { key, value: null } })
    expect(choosePartition(key, 12, 0), key.toString('hex')).toBe(expected)
  }
})

test('messages without a key take turns', () => {
  expect([0, 1, 2, 3, 4].map((turn) => choosePartition(null, 3, turn))).toEqual([0, 1, 2, 0, 1])
})
