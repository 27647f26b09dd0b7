import { performance } from 'node:perf_hooks'
import type { ConsumerReport } from '#collector/control/consumer-report.ts'
import type { Database } from '#db/client.ts'
import { deleteMember, upsertMember } from '#db/store/pause-member-store.ts'

/** Different consumers that one collector remembers. */
const MAX_KNOWN = 20_000
/** One that says the same again is written down this often. */
const WRITE_EVERY_MS = 10_000
const FORGET_AFTER_MS = 900_000

/** What is remembered of a consumer between two of its questions. Times by the monotonic clock. */
export interface KnownMember {
  written: string
  writtenAt: number
  answeredAt: number
}

/** Writes down what consumers say of themselves, when it is new or has not been written for a while. */
export interface MemberLedger {
  /** null: it left, or there are too many to remember one more. */
  record(report: ConsumerReport, address: string): Promise<KnownMember | null>
}

export function openMemberLedger(database: Database): MemberLedger {
  const known = new Map<string, KnownMember>()
  return {
    async record(report, address) {
      const {
        cluster: clusterId,
        group,
        member: memberId,
        name: clientName,
        lease: leaseId,
        state,
        inFlight,
        problem,
      } = report
      const key = JSON.stringify([clusterId, group, memberId])
      if (state === 'leaving') {
        known.delete(key)
        await deleteMember(database, { clusterId, group, memberId })
        return null
      }
      const now = performance.now()
      const entry = known.get(key) ?? rememberOne(known, key, now)
      if (entry === null) return null
      const words = JSON.stringify([clientName, state, leaseId, inFlight, problem])
      if (words === entry.written && now - entry.writtenAt < WRITE_EVERY_MS) return entry
      await upsertMember(database, {
        clusterId,
        group,
        memberId,
        clientName,
        address,
        state,
        leaseId,
        inFlight,
        problem,
      })
      entry.written = words
      entry.writtenAt = now
      return entry
    },
  }
}

function rememberOne(known: Map<string, KnownMember>, key: string, now: number): KnownMember | null {
  if (known.size >= MAX_KNOWN) {
    for (const [old, { writtenAt }] of known) if (now - writtenAt > FORGET_AFTER_MS) known.delete(old)
  }
  if (known.size >= MAX_KNOWN) return null
  const entry = { written: '', writtenAt: Number.NEGATIVE_INFINITY, answeredAt: Number.NEGATIVE_INFINITY }
  known.set(key, entry)
  return entry
}
