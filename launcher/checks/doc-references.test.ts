import { expect, test } from 'vitest'
import { findReferences } from './doc-references.ts'

test('links are resolved from the folder of their document, code paths from the root', () => {
  const text = 'See [the architecture](../architecture.md#walls) and `src/config.ts`, not `npm start`.'
  expect(findReferences(text, 'docs/decisions')).toEqual(['docs/architecture.md', 'src/config.ts'])
})

test('outside links, anchors, patterns and fenced examples are not references', () => {
  const text =
    '[a](https://example.com) [b](#top) `src/**/*.ts` `docs/decisions/NNNN-title.md`\n```\n`src/none.ts`\n```\n'
  expect(findReferences(text, '')).toEqual([])
})
