import { z } from 'zod'
import type { Broker, LaneLag } from '#brokers/broker.ts'
import type { BrokerDirectory } from '#collector/duty.ts'
import type { CollectorAnswer, CollectorQuestion } from '#db/store/collector-request-store.ts'
import type { MeasuredLane } from '#domain/lag/measured-age.ts'
import { Failure, toFailure } from '#domain/failure.ts'

const questionSchema = z.object({ group: z.string().min(1), destination: z.string().min(1) })

/** Reading a record fetches its payload, too: of wide topics only the lanes that owe most are read. */
const MAX_LANES = 24
const AT_ONCE = 6

/**
 * Reads the record at the committed position of each lane that is behind and tells how old it is: exact where a record
 * lies there. Nothing is consumed. The answer is {atMs, lanes: MeasuredLane[], leftOutCount}.
 *
 * @throws Failure `unsupported` where the broker cannot read by position or keeps the age itself
 */
export async function measureAge(
  brokers: BrokerDirectory,
  clusterId: string,
  question: CollectorQuestion,
  signal: AbortSignal,
): Promise<CollectorAnswer> {
  const parsed = questionSchema.safeParse(question)
  if (!parsed.success) throw new Failure('invalid', 'the question names no group')
  const { group, destination } = parsed.data
  const broker = await brokers.get(clusterId)
  if (broker.lag.ageSource === 'broker')
    throw new Failure('unsupported', 'the broker itself says how old what waits is')
  if (broker.offsets === undefined || broker.replaySource === undefined) {
    throw new Failure('unsupported', `records of ${clusterId} cannot be read by position`)
  }
  const lanes = await broker.offsets.read(group, destination, signal)
  const behind = lanes.filter(isBehind).toSorted((a, b) => lagOf(b) - lagOf(a))
  const asked = behind.slice(0, MAX_LANES)
  const measured: MeasuredLane[] = []
  for (let from = 0; from < asked.length; from += AT_ONCE) {
    const part = asked.slice(from, from + AT_ONCE)
    measured.push(...(await Promise.all(part.map((lane) => measureLane(broker, lane, signal)))))
  }
  return { atMs: Date.now(), lanes: measured, leftOutCount: behind.length - asked.length }
}

const lagOf = ({ committed, start, end }: LaneLag): number => end - Math.max(committed ?? end, start)
const isBehind = (lane: LaneLag): boolean => lane.committed !== null && lagOf(lane) > 0

async function measureLane(broker: Broker, lane: LaneLag, signal: AbortSignal): Promise<MeasuredLane> {
  const next = Math.max(lane.committed ?? lane.start, lane.start)
  const unknown = (because: string): MeasuredLane => ({ lane: lane.lane, position: String(next), ageMs: null, because })
  if (lane.stableEnd !== undefined && next >= lane.stableEnd) return unknown('an open transaction hides it')
  try {
    const position = { lane: lane.lane, sequence: String(next) }
    const [record] = (await broker.replaySource?.readAt(lane.destination, [position], signal)) ?? []
    if (record === undefined)
      return unknown('no record lies at this position: compacted away, or the end of a transaction')
    if (record.timestampMs === null) return unknown('the record has no time')
    // Clocks of producers may be ahead of this one.
    const ageMs = Math.max(0, Date.now() - record.timestampMs)
    return { lane: lane.lane, position: String(next), ageMs, because: null }
  } catch (error) {
    if (signal.aborted) throw error
    return unknown(toFailure(error).message)
  }
}
