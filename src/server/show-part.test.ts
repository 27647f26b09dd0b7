import { expect, test } from 'vitest'
import { openMaskRule } from '#domain/masking/mask-text.ts'
import type { DecodedBytes } from '#domain/schema/schema-answer.ts'
import { showPart } from '#server/show-part.ts'

const rule = openMaskRule('email')
const bytes = Buffer.from([0, 0, 0, 0, 7, 10, ...Buffer.from('a@b.c')])
const decodedAs = (json: string): DecodedBytes => ({
  outcome: 'decoded',
  schema: { kind: 'avro', name: 'Person', id: 7, subject: null, version: null },
  json,
})

test('masked fields are masked in the decoded form, and then the bytes are not shown either', () => {
  const shown = showPart(bytes, bytes.length, decodedAs('{"email":"a@b.c","age":9007199254740993}'), rule)
  expect(shown).toMatchObject({ text: '', isWithheld: true, byteCount: 11 })
  expect(shown?.decoded).toMatchObject({ text: '{"email":"••••••••","age":9007199254740993}', maskedCount: 1 })
})

test('without anything to mask the bytes are shown beside the decoded form', () => {
  const shown = showPart(bytes, bytes.length, decodedAs('{"age":1}'), rule)
  expect(shown).toMatchObject({ kind: 'binary', text: bytes.toString('hex'), isWithheld: false })
})

test('what does not decode is told, and its bytes are shown', () => {
  const failed = {
    outcome: 'failed',
    schemaId: 7,
    reason: 'it ends too early',
    detail: null,
    isTemporary: false,
  } as const
  expect(showPart(bytes, bytes.length, failed, rule)).toMatchObject({ decoded: failed, text: bytes.toString('hex') })
  expect(showPart(null, 0, null, rule)).toBeNull()
})
