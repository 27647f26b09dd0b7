import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { consumerGroup, destination } from '#db/schema/cluster.ts'
import { saveInventory, type SeenDestination, type SeenGroup } from '#db/store/inventory-store.ts'
import { useTestDatabase } from '#db/test-database.ts'

const current = useTestDatabase()
const START_MS = Date.UTC(2026, 0, 5, 12)
const topic = (name: string, part: Partial<SeenDestination> = {}): SeenDestination => ({
  name,
  kind: 'topic',
  isInternal: false,
  lanes: ['0'],
  retentionMs: null,
  settings: { 'cleanup.policy': 'delete' },
  ...part,
})
const group = (name: string, part: Partial<SeenGroup> = {}): SeenGroup => ({
  name,
  state: 'stable',
  protocol: 'consumer',
  members: null,
  ...part,
})
const save = (
  clusterId: string,
  seconds: number,
  destinations: readonly SeenDestination[],
  groups: readonly SeenGroup[],
  previous: readonly string[] | null,
) =>
  saveInventory(
    current().database,
    clusterId,
    { destinations, groups },
    START_MS + seconds * 1_000,
    previous === null ? null : { destinations: previous, groups: previous },
  )
const rowsOf = async (clusterId: string) => {
  const { database } = current()
  return [
    ...(await database
      .select()
      .from(destination)
      .where(eq(destination.clusterId, clusterId))
      .orderBy(destination.name)),
    ...(await database
      .select()
      .from(consumerGroup)
      .where(eq(consumerGroup.clusterId, clusterId))
      .orderBy(consumerGroup.name)),
  ].map(({ name, seenAt, goneAt }) => ({ name, seenS: (seenAt.getTime() - START_MS) / 1_000, isGone: goneAt !== null }))
}

test('what stays as it is is not written again, but confirmed after some minutes; what changed is', async () => {
  const [same, other] = [topic('same'), group('other', { members: [{ id: 'm' }] })]
  await save('a', 0, [same], [other], null)
  await save('a', 30, [same], [other], null)
  expect((await rowsOf('a')).map(({ seenS }) => seenS)).toEqual([0, 0])
  await save('a', 60, [topic('same', { lanes: ['0', '1'] })], [group('other', { members: [] })], null)
  expect((await rowsOf('a')).map(({ seenS }) => seenS)).toEqual([60, 60])
  await save('a', 400, [topic('same', { lanes: ['0', '1'] })], [group('other', { members: [] })], null)
  expect((await rowsOf('a')).map(({ seenS }) => seenS)).toEqual([400, 400])
})

test('what two complete inventories in a row did not see is gone, and what is back is not', async () => {
  await save('b', 0, [topic('left')], [group('left')], null)
  await save('b', 30, [], [], ['left'])
  expect((await rowsOf('b')).map(({ isGone }) => isGone)).toEqual([false, false])
  await save('b', 60, [], [], null)
  expect((await rowsOf('b')).map(({ isGone }) => isGone)).toEqual([false, false])
  await save('b', 90, [], [], [])
  expect((await rowsOf('b')).map(({ isGone }) => isGone)).toEqual([true, true])
  await save('b', 120, [topic('left')], [group('left')], [])
  expect((await rowsOf('b')).map(({ isGone }) => isGone)).toEqual([false, false])
})
