import { expect, test } from 'vitest'
import { lagSample } from '#db/schema/cluster.ts'
import { readLaneLagHistory } from '#db/store/lane-lag-history.ts'
import { useTestDatabase } from '#db/test-database.ts'

const current = useTestDatabase()
const NOW_MS = Date.parse('2026-01-05T10:00:00Z')
const ago = (ms: number) => new Date(NOW_MS - ms)

test('each lane has its line over the same instants, the highest peak first, and silence is a gap', async () => {
  const sample = { clusterId: 'k1', groupName: 'payments', destination: 'orders', startPosition: 0 }
  await current()
    .database.insert(lagSample)
    .values([
      { ...sample, lane: '0', at: ago(600_000), committed: 10, endPosition: 20 },
      { ...sample, lane: '1', at: ago(600_000), committed: 5, endPosition: 5 },
      { ...sample, lane: '1', at: ago(570_000), committed: 5, endPosition: 30 },
      { ...sample, lane: '2', at: ago(600_000), committed: null, endPosition: 1_000 },
      { ...sample, lane: '0', groupName: 'others', at: ago(600_000), committed: 0, endPosition: 9_000 },
    ])
  const window = { fromMs: NOW_MS - 630_000, toMs: NOW_MS, stepMs: 30_000 }
  const history = await readLaneLagHistory(current().database, { clusterId: 'k1', group: 'payments', ...window })
  expect(history.lines.map(({ lane }) => lane)).toEqual(['1', '0', '2'])
  expect(history.atMs).toHaveLength(22)
  expect(history.atMs[1]).toBe(NOW_MS - 600_000)
  const firstSix = history.lines.map(({ lagMessages }) => lagMessages.slice(0, 6))
  expect(firstSix).toEqual([
    [null, 0, 25, 25, 25, null],
    [null, 10, 10, 10, null, null],
    [null, null, null, null, null, null],
  ])
  expect(history.lines.every(({ lagMessages }) => lagMessages.length === 22)).toBe(true)
  expect(history.leftOutCount).toBe(0)
})
