import { expect, test } from 'vitest'
import { z } from 'zod'
import { newRequestKey } from '#features/operations/new-request-key.ts'

test('every key is a UUID that the server accepts, and no two are alike', () => {
  const keys = Array.from({ length: 200 }, newRequestKey)
  for (const key of keys) expect(z.uuid().safeParse(key).success, key).toBe(true)
  expect(new Set(keys).size).toBe(keys.length)
})
