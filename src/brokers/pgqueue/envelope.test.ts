import { expect, test } from 'vitest'
import { asEnvelope, changeForHeaders, envelopeHeaders, envelopeTimeMs } from '#brokers/pgqueue/envelope.ts'
import {
  ITEM_HEADER,
  OPERATION_HEADER,
  ORIGINAL_TIMESTAMP_HEADER,
  REDRIVE_COUNT_HEADER,
  type Header,
} from '#domain/message.ts'

const core = { specversion: '1.0', id: '1', source: '/s', type: 't' }
const header = (name: string, text: string): Header => ({ name, value: new TextEncoder().encode(text) })
const failureCode = (act: () => unknown): unknown => {
  try {
    return act()
  } catch (error) {
    return (error as { code?: unknown }).code
  }
}

test('only an object with the four required attributes is an envelope', () => {
  expect(asEnvelope({ ...core, data: 1 })).not.toBeNull()
  for (const other of [null, 1, 'x', [core], {}, { ...core, id: 7 }, { ...core, type: undefined }]) {
    expect(asEnvelope(other)).toBeNull()
  }
})

test('extension attributes are headers; what the envelope itself defines and what is no scalar is not', () => {
  const envelope = { ...core, data: {}, time: 'x', traceparent: 'p', count: 7, flag: false, nested: {}, nothing: null }
  const seen = envelopeHeaders(envelope).map(({ name, value }) => [name, new TextDecoder().decode(value ?? undefined)])
  expect(seen).toEqual([
    ['traceparent', 'p'],
    ['count', '7'],
    ['flag', 'false'],
  ])
})

test('every mark of ours comes back under its own name', () => {
  const names = [OPERATION_HEADER, ITEM_HEADER, REDRIVE_COUNT_HEADER, ORIGINAL_TIMESTAMP_HEADER]
  const { added } = changeForHeaders(
    core,
    names.map((name) => header(name, name)),
    null,
  )
  expect(Object.keys(added).every((name) => /^[a-z0-9]+$/.test(name))).toBe(true)
  expect(envelopeHeaders({ ...core, ...added }).map(({ name }) => name)).toEqual(names)
})

test('attributes that say the same already are left alone, others are set or taken away', () => {
  const envelope = { ...core, count: 7, traceparent: 'old', tenant: 'a', nested: { kept: true } }
  expect(changeForHeaders(envelope, envelopeHeaders(envelope), null)).toEqual({ removed: [], added: {} })
  expect(changeForHeaders(envelope, [header('count', '7'), header('TraceParent', 'new')], null)).toEqual({
    removed: ['tenant'],
    added: { traceparent: 'new' },
  })
})

test('the time changes only when it is another one', () => {
  const envelope = { ...core, time: '2026-01-01T01:00:00+01:00' }
  expect(envelopeTimeMs(envelope)).toBe(Date.UTC(2026, 0, 1))
  expect(changeForHeaders(envelope, [], Date.UTC(2026, 0, 1)).added).toEqual({})
  expect(changeForHeaders(envelope, [], Date.UTC(2026, 0, 2)).added).toEqual({ time: '2026-01-02T00:00:00.000Z' })
  expect(envelopeTimeMs({ ...core, time: 'yesterday' })).toBeNull()
})

test('what an envelope cannot hold is refused: null, binary, twice, nameless, or a name of its own', () => {
  const impossible: Header[][] = [
    [{ name: 'a', value: null }],
    [{ name: 'a', value: Uint8Array.of(255) }],
    [header('a', 'with\0nul')],
    [header('a-b', '1'), header('ab', '1')],
    [header('ключ', '1')],
    [header('id', '2')],
  ]
  for (const headers of impossible) {
    expect(failureCode(() => changeForHeaders(core, headers, null))).toBe('unsupported')
  }
})

test('without an envelope our marks stay behind and a header of somebody else is refused', () => {
  expect(changeForHeaders(null, [header(OPERATION_HEADER, '1'), header('traceparent', 'p')], 5)).toEqual({
    removed: [],
    added: {},
  })
  expect(failureCode(() => changeForHeaders(null, [header('tenant', 'a')], null))).toBe('unsupported')
})
