import { sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import type { SchemaFacet } from '#brokers/broker.ts'
import type { SchemaVerdict } from '#domain/schema/schema-answer.ts'
import { planAsPerson } from '#engine/engine-fixture.ts'
import { useMemoryEngine, type MemoryPlace } from '#engine/memory-engine.ts'

const { database, openBroker, start, makePlace } = useMemoryEngine()

/** A registry whose verdicts are in the payloads: the real ones are judged in the contract tests. */
function openToldRegistry(): SchemaFacet & { readonly judged: string[] } {
  const judged: string[] = []
  return {
    judged,
    decode: () => Promise.resolve(null),
    judge: (payload, destination) => {
      const { outcome, reason } = JSON.parse(new TextDecoder().decode(payload)) as { outcome: string; reason: string }
      judged.push(`${destination}: ${outcome}`)
      return Promise.resolve({ outcome, reason, detail: null } as SchemaVerdict)
    },
  }
}

/** Gives the dead letters of a place these payloads in the inbox; null is a tombstone. */
async function setPayloads({ fingerprint }: MemoryPlace, payloads: readonly (object | null)[]): Promise<void> {
  const texts = payloads.map((one) => (one === null ? null : JSON.stringify(one)))
  await database().database.execute(sql`
    update dead_letter set payload = convert_to(told.body, 'UTF8')
    from (select id, row_number() over (order by id) as at from dead_letter where fingerprint = ${fingerprint}) numbered
    join unnest(${sql.param(texts)}::text[]) with ordinality as told(body, at) using (at)
    where dead_letter.id = numbered.id`)
}

const bad = { outcome: 'does-not-decode', reason: 'it ends too early' }

test('every message is judged against its destination; what is found is a warning with examples, and nothing is left out', async () => {
  const schemas = openToldRegistry()
  start({ broker: { ...openBroker('log'), schemas } })
  const place = await makePlace(6)
  const misfit = { outcome: 'does-not-fit', reason: '/total must be number' }
  await setPayloads(place, [bad, { outcome: 'fits' }, misfit, bad, null, { outcome: 'no-schema' }])
  const { operation } = await planAsPerson(database().database, place)
  expect(operation.plan).toMatchObject({ sendCount: 6, skippedCount: 0, schemas: { fitCount: 1, noSchemaCount: 2 } })
  expect(operation.plan?.schemas?.findings).toEqual([
    {
      outcome: 'does-not-decode',
      reason: 'it ends too early',
      destination: place.origin,
      count: 2,
      examples: [
        { deadLetterId: expect.any(String), fingerprint: place.fingerprint, position: '0@0', detail: null },
        {
          deadLetterId: expect.any(String),
          fingerprint: place.fingerprint,
          position: expect.any(String),
          detail: null,
        },
      ],
    },
    expect.objectContaining({ outcome: 'does-not-fit', count: 1 }),
  ])
  expect(operation.plan?.warnings.join(' ')).toContain('2 messages cannot be decoded')
  expect(schemas.judged).toHaveLength(5)
  expect(schemas.judged[0]).toBe(`${place.origin}: does-not-decode`)
})

test('what is judged is what would be sent: after the edit', async () => {
  start({ broker: { ...openBroker('log'), schemas: openToldRegistry() } })
  const place = await makePlace(1)
  await setPayloads(place, [bad])
  const edit = [{ act: 'set', part: 'payload', at: 'outcome', value: '"fits"' }] as const
  const { operation } = await planAsPerson(database().database, { ...place, edit })
  expect(operation.plan?.schemas).toEqual({ fitCount: 1, noSchemaCount: 0, findings: [] })
})

test('a cluster without a registry is not asked, and its plan says nothing of schemas', async () => {
  start({ broker: openBroker('log') })
  const { operation } = await planAsPerson(database().database, await makePlace(2))
  expect(operation.plan?.schemas).toBeNull()
})
