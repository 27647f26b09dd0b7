import type { ReaderBook } from '#collector/stuck/reader-book.ts'
import type { DatabaseClient } from '#db/client.ts'
import { type LearntDeadline, saveLearntDeadlines } from '#db/store/stuck-store.ts'
import { learnExpectedMs } from '#domain/flow/expected-dwell.ts'
import { addPairs, type DurationSketch, sketchToPairs } from '#domain/trace/duration-sketch.ts'
import { readDwellByReceiver } from '#telemetry-store/postgres/read-dwell.ts'

const LEARN_FROM_MS = 6 * 3_600_000
/** What happens at this moment is what is judged; it must not become the measure. */
const LEARN_UNTIL_MS = 900_000

/** Learns how long each group may take from how long it took. Gives how many groups it learnt of. */
export async function learnDeadlines(
  { pool, database }: Pick<DatabaseClient, 'pool' | 'database'>,
  book: ReaderBook,
  nowMs: number,
): Promise<number> {
  const receivers = await readDwellByReceiver(pool, (nowMs - LEARN_FROM_MS) * 1_000, (nowMs - LEARN_UNTIL_MS) * 1_000)
  const sketches = new Map<
    string,
    { readonly readFrom: string; readonly group: string; readonly dwell: DurationSketch }
  >()
  for (const receiver of receivers) {
    const { group } = book.attribute(receiver)
    if (group === null) continue
    const key = JSON.stringify([receiver.destination, group])
    const sketch = sketches.get(key) ?? { readFrom: receiver.destination, group, dwell: new Map() }
    sketches.set(key, sketch)
    addPairs(sketch.dwell, sketchToPairs(receiver.dwell))
  }
  const learnt = [...sketches.values()].flatMap(({ readFrom, group, dwell }): LearntDeadline[] => {
    const found = learnExpectedMs(dwell)
    return found === null ? [] : [{ readFrom, group, learntMs: found.expectedMs, sampleCount: found.sampleCount }]
  })
  await saveLearntDeadlines(database, learnt)
  return learnt.length
}
