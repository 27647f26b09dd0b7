import { z } from 'zod'
import { restoreDiscarded } from '#commands/dead-letter/restore.ts'
import { listDeadLetterGroups, MAX_GROUPS } from '#db/store/dead-letter-group-list.ts'
import { findDeadLetter, listDeadLetters } from '#db/store/dead-letter-list.ts'
import { findArchiveEntry } from '#db/store/message-archive-store.ts'
import { readGroupFacts } from '#db/store/dead-letter-group-facts.ts'
import { findSizeExpiry } from '#db/store/size-expiry-store.ts'
import { findWitness, readGroupWitnesses } from '#db/store/witness-store.ts'
import { listRedrivesOfDeadLetter } from '#db/store/redrive-history.ts'
import { isEmptyFilter, letterFilterSchema, readsContent } from '#domain/dead-letter/letter-filter.ts'
import { isAllowed } from '#domain/access/role.ts'
import { searchDeadLetters } from '#server/search-dead-letters.ts'
import { DEAD_LETTER_STATES } from '#domain/dead-letter/dead-letter.ts'
import { Failure } from '#domain/failure.ts'
import { readDeadLetterParts } from '#server/read-dead-letter-parts.ts'
import { showStoredHeader } from '#server/show-bytes.ts'
import { pageInput } from '#server/page-input.ts'
import { procedure, router } from '#server/procedure.ts'
import { commandContext } from '#server/request-context.ts'

const id = z.string().regex(/^[1-9]\d{0,15}$/)
const name = z.string().max(300).nullable().default(null)
const state = z.enum(DEAD_LETTER_STATES).default('open')
const groupHash = z.string().regex(/^[0-9a-f]{16}$/)
const fingerprint = groupHash.nullable().default(null)

const windowMs = z
  .number()
  .int()
  .min(600_000)
  .max(14 * 86_400_000)
  .default(86_400_000)

export const deadLetterRouter = router({
  groups: procedure('telemetry:read')
    .input(z.object({ state, clusterId: name, search: name }))
    .query(async ({ ctx, input }) => {
      const nowMs = ctx.runtime.nowMs()
      return { ...(await listDeadLetterGroups(ctx.runtime.database, { ...input, nowMs, limit: MAX_GROUPS })), nowMs }
    }),

  list: procedure('telemetry:read')
    .input(z.object({ state, fingerprint, clusterId: name, destination: name, search: name, ...pageInput }))
    .query(async ({ ctx, input }) => ({
      ...(await listDeadLetters(ctx.runtime.database, input)),
      nowMs: ctx.runtime.nowMs(),
    })),

  /** A page; short of its limit with a cursor it means: nothing more so far, ask on. */
  search: procedure('telemetry:read')
    .input(
      z.object({
        state,
        filter: letterFilterSchema.refine((filter) => !isEmptyFilter(filter), 'an empty filter is refused'),
        ...pageInput,
      }),
    )
    .query(({ ctx, input, signal }) => {
      if (readsContent(input.filter) && !isAllowed(ctx.caller.role, 'payload:read'))
        throw new Failure('forbidden', 'searching by key, header value or expression needs payload:read')
      return searchDeadLetters(ctx.runtime, input, signal)
    }),

  get: procedure('telemetry:read')
    .input(z.object({ id }))
    .query(async ({ ctx, input }) => {
      const { database, telemetry } = ctx.runtime
      const found = await findDeadLetter(database, input.id)
      if (found === null) throw new Failure('not-found', `no dead letter ${input.id}`)
      const nowMs = ctx.runtime.nowMs()
      const [redrives, archive, witness, flowKey, sizeExpiry] = await Promise.all([
        listRedrivesOfDeadLetter(database, input.id),
        findArchiveEntry(database, input.id),
        findWitness(database, input.id),
        found.correlationId ?? (found.traceId === null ? null : telemetry.findFlowKeyOfTrace(found.traceId)),
        findSizeExpiry(database, found, nowMs),
      ])
      return {
        ...found,
        headers: found.headers.map((header) => showStoredHeader(header, ctx.runtime.maskRule)),
        redrives,
        /** Of a message that was discarded once; null when nothing can be restored (any more). */
        archive,
        /** Who failed on it, as spans or a header tell; null when nobody was looked for. */
        witness,
        flowKey,
        /** When its place, which is limited in size, lets go of it: an estimate; null where nothing is known. */
        sizeExpiry,
        nowMs,
      }
    }),

  payload: procedure('payload:read')
    .input(z.object({ id }))
    .query(({ ctx, input }) => readDeadLetterParts(ctx.runtime, input.id)),

  restore: procedure(restoreDiscarded.permission)
    .input(restoreDiscarded.input)
    .mutation(({ ctx, input }) => restoreDiscarded(commandContext(ctx), input)),

  /** When one failure group died, who was seen failing, and how long it is kept. */
  groupFacts: procedure('telemetry:read')
    .input(z.object({ fingerprint: groupHash, windowMs }))
    .query(async ({ ctx, input }) => {
      const { database } = ctx.runtime
      const nowMs = ctx.runtime.nowMs()
      const unitMs = input.windowMs > 2 * 86_400_000 ? 3_600_000 : 60_000
      const stepMs = Math.ceil(input.windowMs / 96 / unitMs) * unitMs
      const toMs = Math.ceil(nowMs / stepMs) * stepMs
      const range = { fromMs: toMs - 96 * stepMs, toMs, stepMs }
      const [facts, witnesses] = await Promise.all([
        readGroupFacts(database, input.fingerprint, range),
        readGroupWitnesses(database, input.fingerprint),
      ])
      if (facts === null) throw new Failure('not-found', `no failure group ${input.fingerprint}`)
      const places = await Promise.all(
        facts.places.map(async ({ oldestOpenPosition: position, ...place }) => ({
          ...place,
          /** Of its oldest open message. */
          sizeExpiry: position === null ? null : await findSizeExpiry(database, { ...place, position }, nowMs),
        })),
      )
      return { ...facts, places, ...range, witnesses, nowMs }
    }),
})
