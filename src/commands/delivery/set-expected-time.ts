import { z } from 'zod'
import { defineCommand } from '#commands/command.ts'
import { reasonText } from '#commands/reason.ts'
import {
  countSetTimes,
  forgiveNotLate,
  isReaderKnown,
  lockExpectedTime,
  saveSetTime,
} from '#db/store/expected-time-store.ts'
import { Failure } from '#domain/failure.ts'
import { MAX_SET_MS, MIN_EXPECTED_MS, MIN_SET_MS } from '#domain/flow/expected-dwell.ts'

/** Different times that people may set; messages of each are swept by themselves. */
const MAX_SET_TIMES = 50

const input = z.object({
  destination: z.string().min(1).max(300),
  group: z.string().min(1).max(300),
  /** null = back to what is learnt. */
  expectedMs: z.number().int().min(MIN_SET_MS).max(MAX_SET_MS).nullable(),
  reason: reasonText,
})

/**
 * Says how long a group may take to take a message before it counts as stuck. The sweep heeds it from its next round;
 * what is listed and not late by the new measure is taken off the list at once.
 *
 * @throws Failure `not-found` when nobody knows the group to read there, `limit` for too many different times
 */
export const setExpectedTime = defineCommand({
  name: 'delivery.set-expected-time',
  permission: 'consumer:control',
  input,
  run: async ({ database }, { destination, group, expectedMs }) => {
    if (!(await isReaderKnown(database, destination, group))) {
      throw new Failure('not-found', `nobody knows of ${group} reading ${destination}`)
    }
    const before = await lockExpectedTime(database, destination, group)
    if (expectedMs !== null && (await countSetTimes(database, expectedMs)) >= MAX_SET_TIMES) {
      throw new Failure('limit', `${MAX_SET_TIMES} different times are set already; use one of them`)
    }
    await saveSetTime(database, { destination, group, setMs: expectedMs })
    const inForceMs = expectedMs ?? before?.learntMs ?? MIN_EXPECTED_MS
    const forgivenCount = await forgiveNotLate(database, { destination, group, expectedMs: inForceMs })
    return {
      result: { inForceMs, forgivenCount },
      target: `delivery:${destination}:${group}`,
      details: {
        before: { setMs: before?.setMs ?? null, learntMs: before?.learntMs ?? null },
        after: { setMs: expectedMs, inForceMs },
        forgivenCount,
      },
    }
  },
})
