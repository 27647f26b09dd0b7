import { z } from 'zod'
import { defineCommand } from '#commands/command.ts'
import { reasonText } from '#commands/reason.ts'
import { countAttributeIndexes, insertAttributeIndex } from '#db/store/attribute-index-store.ts'
import { Failure } from '#domain/failure.ts'

/** Each costs ingest a look at every span, and a posting for each flow that has the key. */
const MAX_INDEXES = 10

export const attributeKey = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .regex(/^\P{Cc}+$/u)

/**
 * Asks that flows be found fast by an attribute. The collector posts new spans from then on and the stored ones in the
 * background. @throws Failure `conflict` when the key is indexed already, `limit` when too many are
 */
export const requestAttributeIndex = defineCommand({
  name: 'attribute-index.request',
  permission: 'setting:manage',
  input: z.object({ key: attributeKey, reason: reasonText }),
  run: async ({ database, actor }, { key }) => {
    if ((await countAttributeIndexes(database)) >= MAX_INDEXES)
      throw new Failure('limit', `at most ${MAX_INDEXES} attribute keys can be indexed; drop one first`)
    if (!(await insertAttributeIndex(database, { key, requestedByName: actor.name })))
      throw new Failure('conflict', 'the key is indexed already')
    return { result: undefined, target: `attribute-index:${key}` }
  },
})
