import type { ReaderBook } from '#collector/stuck/reader-book.ts'
import { type DestinationReader, expectedReaders, readersOfSystem } from '#domain/flow/destination-reader.ts'
import { type DeliveryVerdict, judgeDelivery } from '#domain/flow/judge-delivery.ts'
import type { SendDetail, SentHalf, Taker } from '#telemetry-store/postgres/read-sent-halves.ts'

/** A message that a group should have taken by now, and was not seen taking. */
export interface Unmatched {
  readonly half: SentHalf
  readonly reader: DestinationReader
  /** Services that took it there without telling for which group. */
  readonly unattributedServices: readonly string[]
}

/** Whether one of the takers took it for this group. */
export function isTakenBy(reader: DestinationReader, takers: readonly Taker[], book: ReaderBook): boolean {
  return takers.some(
    (taker) => taker.destination === reader.destination && book.attribute(taker).group === reader.group,
  )
}

/** The groups among `due` that should take each message and were not seen taking it. */
export function findUnmatched(
  halves: readonly SentHalf[],
  due: readonly DestinationReader[],
  book: ReaderBook,
): readonly Unmatched[] {
  const isDue = new Set(due)
  return halves.flatMap((half) => {
    const took = half.takers.map((taker) => book.attribute(taker).clusterId)
    const expected = expectedReaders(readersOfSystem(book.readers, half.system), half.destination, took)
    const missing = expected.filter((reader) => isDue.has(reader) && !isTakenBy(reader, half.takers, book))
    return missing.flatMap((reader) => {
      const unattributed = half.takers.filter(
        (taker) => taker.destination === reader.destination && book.attribute(taker).group === null,
      )
      // As many unknown takers as groups without one: whichever is whose, nobody is missing.
      const rivals = missing.filter(({ destination }) => destination === reader.destination).length
      if (unattributed.length >= rivals) return []
      return [{ half, reader, unattributedServices: [...new Set(unattributed.map(({ service }) => service))] }]
    })
  })
}

/** The verdict on an unmatched message; null when it is no message of its own, or was taken after all. */
export function judgeUnmatched(
  { half, reader, unattributedServices }: Unmatched,
  detail: Pick<SendDetail, 'isWrapper' | 'batchCount' | 'lane' | 'position'>,
  book: ReaderBook,
  nowMs: number,
): DeliveryVerdict | null {
  if (detail.isWrapper) return null
  const isPlaced = detail.position !== null && (detail.batchCount ?? 1) <= 1 && reader.destination === half.destination
  const verdict = judgeDelivery({
    sentMs: half.sentUs / 1_000,
    place: isPlaced && detail.position !== null ? { lane: detail.lane ?? '0', position: detail.position } : null,
    reader,
    takenAs: null,
    unattributedServices,
    isTraced: book.isTraced(reader),
    nowMs,
  })
  return verdict.kind === 'taken' ? null : verdict
}
