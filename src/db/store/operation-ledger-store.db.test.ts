import { randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { beforeEach, expect, test } from 'vitest'
import { deadLetter } from '#db/schema/dead-letter.ts'
import { operation, operationItem } from '#db/schema/operation.ts'
import { claimItems, closeClaim, takeOver } from '#db/store/claim-store.ts'
import {
  confirmItems,
  markRemoved,
  readLedgerPage,
  settleClaimed,
  settleItems,
} from '#db/store/operation-ledger-store.ts'
import { useTestDatabase } from '#db/test-database.ts'

const database = useTestDatabase()
let operationId = ''
const FAST = 1_000_000

beforeEach(async () => {
  operationId = randomUUID()
  await database()
    .database.insert(operation)
    .values({
      id: operationId,
      kind: 'redrive',
      state: 'running',
      clusterId: 'c',
      source: operationId,
      requestKey: operationId,
      createdById: 'p',
      createdByName: 'P',
      reason: 'test',
      selection: { fingerprint: 'f', ids: null },
      ratePerSecond: FAST,
      canarySize: 0,
    })
  const letters = await database()
    .database.insert(deadLetter)
    .values(
      [1, 2, 3].map((at) => ({
        clusterId: 'c',
        destination: operationId,
        position: `0@${at}`,
        deadAt: new Date(),
        dialect: 'none',
        fingerprint: 'f',
        fingerprintTitle: 'f',
        headers: [],
        payloadBytes: 0,
      })),
    )
    .returning({ id: deadLetter.id })
  await database()
    .database.insert(operationItem)
    .values(
      letters.map(({ id }, at) => ({
        operationId,
        ordinal: at + 1,
        deadLetterId: id,
        sourcePosition: `0@${at + 1}`,
        targetDestination: 't',
      })),
    )
})

const states = async () => {
  const rows = await database().database.select().from(operationItem).where(eq(operationItem.operationId, operationId))
  return rows.toSorted((left, right) => left.ordinal - right.ordinal).map((row) => row.state)
}
const holdAs = (token: number) => ({ operationId, token })

const claim = async (token: number, ordinals: readonly number[]): Promise<number> => {
  const result = await claimItems(database().database, holdAs(token), ordinals, FAST)
  if (result === null || result.claimId === null) throw new Error('the claim was not allowed')
  return result.claimId
}
const AT_LOG = { isRemovedToo: true, claimedAt: new Date(5_000) }
const AT_QUEUE = { isRemovedToo: false, claimedAt: new Date(5_000) }

test('an older holder claims, confirms, settles and removes nothing any more', async () => {
  const { database: db } = database()
  expect(await takeOver(db, holdAs(1))).not.toBeNull()
  const claimId = await claim(1, [1, 2])
  expect(await takeOver(db, holdAs(2))).not.toBeNull()
  expect(await takeOver(db, holdAs(1))).toBeNull()
  expect(await closeClaim(db, holdAs(1), claimId)).toBeNull()
  expect(await confirmItems(db, holdAs(1), [{ ordinal: 1, targetPosition: null }], AT_LOG)).toBe(0)
  expect(await settleItems(db, holdAs(1), [{ ordinal: 2, state: 'failed', reason: 'x' }])).toBe(0)
  expect(await settleClaimed(db, holdAs(1), 'x')).toBe(0)
  const late = await claimItems(db, holdAs(1), [3], FAST)
  expect(late).toMatchObject({ claimId: null, token: 2 })
  expect(await states()).toEqual(['claimed', 'claimed', 'pending'])
  expect(await confirmItems(db, holdAs(2), [{ ordinal: 1, targetPosition: '0@9' }], AT_QUEUE)).toBe(1)
  expect(await markRemoved(db, holdAs(1), [1])).toBe(0)
  expect(await markRemoved(db, holdAs(2), [1])).toBe(1)
  expect(await states()).toEqual(['removed', 'claimed', 'pending'])
})

test('what a dead holder was sending is claimed from the takeover on, and counts as sent twice when it is sent again', async () => {
  const { database: db } = database()
  await takeOver(db, holdAs(1))
  await claim(1, [1, 2])
  expect(await states()).toEqual(['pending', 'pending', 'pending'])
  await takeOver(db, holdAs(2))
  expect(await states()).toEqual(['claimed', 'claimed', 'pending'])
  const again = await claim(2, [1])
  expect(await closeClaim(db, holdAs(2), again)).toBeInstanceOf(Date)
  expect(await closeClaim(db, holdAs(2), again)).toBeNull()
  expect(await confirmItems(db, holdAs(2), [{ ordinal: 1, targetPosition: '0@9' }], AT_LOG)).toBe(1)
  const rows = await db.select().from(operationItem).where(eq(operationItem.operationId, operationId))
  const counts = rows.toSorted((left, right) => left.ordinal - right.ordinal).map((row) => row.sendCount)
  expect(counts).toEqual([2, 1, 0])
  expect(await takeOver(db, holdAs(3))).not.toBeNull()
  expect(await states()).toEqual(['removed', 'claimed', 'pending'])
})

test('a takeover waits for a confirmation under way, so that no fact is written behind the new holder', async () => {
  const { database: db } = database()
  await takeOver(db, holdAs(1))
  const claimId = await claim(1, [1])
  const order: string[] = []
  const open = Promise.withResolvers<void>()
  const confirming = db.transaction(async (transaction) => {
    await closeClaim(transaction, holdAs(1), claimId)
    await confirmItems(transaction, holdAs(1), [{ ordinal: 1, targetPosition: null }], AT_LOG)
    open.resolve()
    await new Promise((resolve) => setTimeout(resolve, 300))
    order.push('confirmed')
  })
  await open.promise
  const taking = takeOver(db, holdAs(2)).then(() => order.push('taken over'))
  await Promise.all([confirming, taking])
  expect(order).toEqual(['confirmed', 'taken over'])
  expect(await states()).toEqual(['removed', 'pending', 'pending'])
})

test('an item is confirmed once, with its dead letter', async () => {
  const { database: db } = database()
  await takeOver(db, holdAs(1))
  await claim(1, [1])
  const proof = [{ ordinal: 1, targetPosition: '0@5' }]
  expect(await confirmItems(db, holdAs(1), proof, AT_LOG)).toBe(1)
  expect(await confirmItems(db, holdAs(1), proof, AT_LOG)).toBe(0)
  const letters = await db.select().from(deadLetter).where(eq(deadLetter.destination, operationId))
  expect(letters.map((letter) => letter.state).toSorted()).toEqual(['open', 'open', 'redriven'])
})

test('a claim needs the wish to run, and room under the cap', async () => {
  const { database: db } = database()
  await takeOver(db, holdAs(1))
  expect((await claimItems(db, holdAs(1), [1], 2))?.claimId).not.toBeNull()
  const tooSoon = await claimItems(db, holdAs(1), [2], 2)
  expect(tooSoon?.claimId).toBeNull()
  expect(tooSoon?.pacedForMs).toBeGreaterThan(300)
  await db.update(operation).set({ intent: 'pause', pacedUntil: null }).where(eq(operation.id, operationId))
  expect(await claimItems(db, holdAs(1), [2], FAST)).toMatchObject({ claimId: null, intent: 'pause' })
})

test('what is left is found however far behind what is settled it lies, page by page, up to the bound', async () => {
  const { database: db } = database()
  const left = [61, 64, 300, 301, 900]
  await db.insert(operationItem).values(
    Array.from({ length: 997 }, (_, at) => at + 4).map((ordinal) => ({
      operationId,
      ordinal,
      sourcePosition: `0@${ordinal}`,
      targetDestination: 't',
      state: left.includes(ordinal) ? ('pending' as const) : ('removed' as const),
    })),
  )
  const read = async (afterOrdinal: number, toOrdinal: number | null) => {
    const page = { operationId, states: ['pending'] as const, afterOrdinal, toOrdinal, limit: 2 }
    return (await readLedgerPage(db, page)).map((item) => item.ordinal)
  }
  const found: number[] = []
  for (let page = await read(0, null); page.length > 0; page = await read(found.at(-1)!, null)) found.push(...page)
  expect(found).toEqual([1, 2, 3, ...left])
  expect(await read(3, 63)).toEqual([61])
  expect(await read(64, 299)).toEqual([])
})
