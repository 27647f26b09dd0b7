import { expect, test } from 'vitest'
import { destination } from '#db/schema/cluster.ts'
import { deadLetter } from '#db/schema/dead-letter.ts'
import { findSizeExpiry } from '#db/store/size-expiry-store.ts'
import { useTestDatabase } from '#db/test-database.ts'

const current = useTestDatabase()
const NOW_MS = 1_763_726_400_000
const HOUR_MS = 3_600_000

/** Sixty letters of a thousand bytes within the last hour, in turn in two lanes, of every state. */
async function makePlace(name: string, settings: Record<string, string>) {
  const { database } = current()
  const known = { clusterId: 'k', kind: 'topic' as const, lanes: ['0', '1'], seenAt: new Date(NOW_MS) }
  await database.insert(destination).values({ ...known, name, settings })
  const states = ['open', 'redriven', 'discarded', 'expired'] as const
  await database.insert(deadLetter).values(
    Array.from({ length: 60 }, (_, at) => ({
      clusterId: 'k',
      destination: name,
      position: `${at % 2}@${100 + Math.floor(at / 2)}`,
      deadAt: new Date(NOW_MS - HOUR_MS + at * 60_000),
      dialect: 'none',
      fingerprint: 'f',
      fingerprintTitle: 'F',
      headers: [],
      // With the two characters of the empty list of headers.
      payloadBytes: 998,
      state: states[at % 4],
    })),
  )
}

const find = (name: string, position: string) =>
  findSizeExpiry(current().database, { clusterId: 'k', destination: name, position }, NOW_MS)

test('a message is lost when its own lane has taken in as much as it may hold behind it, at the rate of that lane', async () => {
  await makePlace('bounded', { 'retention.bytes': '300000' })
  const ground = { retentionBytes: 300_000, byCount: 30, byMs: HOUR_MS }
  expect(await find('bounded', '0@129')).toEqual({ ...ground, inMs: 10 * HOUR_MS })
  expect(await find('bounded', '1@100')).toEqual({ ...ground, inMs: (271 / 30) * HOUR_MS })
})

test('nothing is said where no size is limited, the lane is not known, or a position is no number', async () => {
  await makePlace('unbounded', { 'retention.bytes': '-1' })
  await makePlace('silent', {})
  await makePlace('other', { 'retention.bytes': '300000' })
  expect([
    await find('unbounded', '0@129'),
    await find('silent', '0@129'),
    await find('other', '7@129'),
    await find('other', '@7f3a'),
    await find('nowhere', '0@1'),
  ]).toEqual([null, null, null, null, null])
})
