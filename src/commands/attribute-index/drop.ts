import { z } from 'zod'
import { attributeKey } from '#commands/attribute-index/request.ts'
import { defineCommand } from '#commands/command.ts'
import { reasonText } from '#commands/reason.ts'
import { deleteAttributeIndex } from '#db/store/attribute-index-store.ts'
import { Failure } from '#domain/failure.ts'

/** Flows with the attribute are found by looking at their spans again. @throws Failure `not-found` */
export const dropAttributeIndex = defineCommand({
  name: 'attribute-index.drop',
  permission: 'setting:manage',
  input: z.object({ key: attributeKey, reason: reasonText }),
  run: async ({ database }, { key }) => {
    if (!(await deleteAttributeIndex(database, key))) throw new Failure('not-found', 'the key is not indexed')
    return { result: undefined, target: `attribute-index:${key}` }
  },
})
