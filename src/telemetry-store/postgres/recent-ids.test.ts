import { expect, test } from 'vitest'
import { RecentIds, wordOfId } from '#telemetry-store/postgres/recent-ids.ts'

test('an id is found with its number and time, and another one is not', () => {
  const ids = new RecentIds({ hasTimes: true })
  const id = Buffer.from('00ff10e3a1b2c3d4', 'hex').toString('latin1')
  ids.note(wordOfId(id, 0), wordOfId(id, 4), 7, 1_795_100_000_123_457)
  expect(ids.find(wordOfId(id, 0), wordOfId(id, 4))).toBe(7)
  expect(ids.foundUs).toBe(1_795_100_000_123_457)
  expect(ids.find(wordOfId(id, 4), wordOfId(id, 0))).toBe(0)
  ids.note(wordOfId(id, 0), wordOfId(id, 4), 8, 5)
  expect([ids.find(wordOfId(id, 0), wordOfId(id, 4)), ids.foundUs]).toEqual([8, 5])
})

test('of more ids than fit the newest are known and the oldest are forgotten', () => {
  const ids = new RecentIds({ hasTimes: true })
  const count = 700_000
  for (let id = 1; id <= count; id += 1) ids.note(id, -id, 1 + (id % 60_000), id)
  let wrong = 0
  for (let id = count - 170_000; id <= count; id += 1)
    if (ids.find(id, -id) !== 1 + (id % 60_000) || ids.foundUs !== id) wrong += 1
  expect(wrong).toBe(0)
  expect(ids.find(1, -1)).toBe(0)
})
