import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createCopyBuffer } from '#engine/copy-buffer.ts'
import type { Copy } from '#engine/make-copies.ts'

const BOUND = { laneCount: 4, maxCopies: 40, maxBytes: 4_000 }
const copyOf = (ordinal: number, orderKey: string | null, payloadBytes: number): Copy =>
  ({ item: { ordinal, orderKey, payloadBytes } }) as Copy

test('every copy comes out once, those of one key in order, and no more is held than the bound and one page', async () => {
  const key = fc.option(fc.constantFrom('00000a', '00000b', 'ffff0c', '12340d', '77770e'), { nil: null, freq: 4 })
  const sizes = fc.array(fc.tuple(key, fc.integer({ min: 0, max: 300 })), { maxLength: 300 })
  const shape = fc.record({ page: fc.integer({ min: 1, max: 30 }), batch: fc.integer({ min: 1, max: 20 }) })
  await fc.assert(
    fc.asyncProperty(sizes, shape, async (letters, { page, batch }) => {
      const buffer = createCopyBuffer(BOUND)
      const copies = letters.map(([orderKey, bytes], at) => copyOf(at, orderKey, bytes))
      const out: Copy[] = []
      let [held, mostHeld] = [0, 0]
      const fill = async (): Promise<void> => {
        for (let from = 0; from < copies.length; from += page) {
          await buffer.whenRoomy()
          const part = copies.slice(from, from + page)
          held += part.length
          mostHeld = Math.max(mostHeld, held)
          buffer.put(part)
        }
        buffer.end()
      }
      const drain = async (lane: number): Promise<void> => {
        for (;;) {
          const taken = await buffer.take(lane, batch)
          if (taken.length === 0) return
          expect(taken.length).toBeLessThanOrEqual(batch)
          await Promise.resolve()
          out.push(...taken)
          held -= taken.length
          buffer.release(taken)
        }
      }
      await Promise.all([fill(), drain(0), drain(1), drain(2), drain(3)])
      expect(out.map((copy) => copy.item.ordinal).toSorted((a, b) => a - b)).toEqual(copies.map((_, at) => at))
      for (const of of Map.groupBy(out, (copy) => copy.item.orderKey).values()) {
        const ordinals = of.map((copy) => copy.item.ordinal)
        if (of[0]?.item.orderKey !== null) expect(ordinals).toEqual(ordinals.toSorted((a, b) => a - b))
      }
      expect(mostHeld).toBeLessThanOrEqual(BOUND.maxCopies + page)
    }),
    { numRuns: 300 },
  )
})

test('when it is closed nobody waits any more and nothing more comes out', async () => {
  const buffer = createCopyBuffer({ ...BOUND, maxCopies: 1 })
  buffer.put([copyOf(0, '000001', 1), copyOf(1, '000001', 1)])
  const waiting = [buffer.whenRoomy(), buffer.take(0, 5)] as const
  buffer.close()
  await waiting[0]
  expect(await waiting[1]).toEqual([])
  expect(await buffer.take(1, 5)).toEqual([])
})
