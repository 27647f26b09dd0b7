import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkEditStep } from '#domain/edit/check-edit-step.ts'
import { editMessage } from '#domain/edit/edit-message.ts'
import type { EditStep } from '#domain/edit/edit-step.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const textOf = (value: Uint8Array | null): string => new TextDecoder().decode(value ?? new Uint8Array())
const set = (at: string, value: string): EditStep => ({ act: 'set', part: 'payload', at, value })
const remove = (at: string): EditStep => ({ act: 'remove', part: 'payload', at })
const rename = (at: string, to: string): EditStep => ({ act: 'rename', part: 'payload', at, to })
const edit = (payload: string, ...steps: EditStep[]) => editMessage({ headers: [], payload: bytes(payload) }, steps)

const ORDER = '{"id":12345678901234567890,"amount":{"currency":"EURO","value":1.0},"lines":[{"sku":"a"},{"sku":"b"}]}'

test('fields are set, removed and renamed in their place, and each change is told', () => {
  const { payload, changes } = edit(
    ORDER,
    set('amount.currency', '"EUR"'),
    rename('amount.value', 'cents'),
    remove('lines[0]'),
    set('lines[*].sku', '"c"'),
    set('note', 'null'),
  )
  expect(textOf(payload)).toBe(
    '{"id":12345678901234567890,"amount":{"currency":"EUR","cents":1.0},"lines":[{"sku":"c"}],"note":null}',
  )
  expect(changes).toEqual([
    { part: 'payload', at: 'amount.currency', before: '"EURO"', after: '"EUR"' },
    { part: 'payload', at: 'amount.value', before: '1.0', after: null },
    { part: 'payload', at: 'amount.cents', before: null, after: '1.0' },
    { part: 'payload', at: 'lines[0]', before: '{"sku":"a"}', after: null },
    { part: 'payload', at: 'lines[0].sku', before: '"b"', after: '"c"' },
    { part: 'payload', at: 'note', before: null, after: 'null' },
  ])
})

test('what is not there is not removed, and a message that no step changes keeps its bytes, spaces included', () => {
  const spaced = '{ "a" : 1.50 }'
  const { payload, changes } = edit(spaced, remove('b.c'), rename('x', 'y'), set('a', '1.50'))
  expect(changes).toEqual([])
  expect(textOf(payload)).toBe(spaced)
})

test.each([
  ['a payload that is no JSON', 'not json', set('a', '1'), 'no JSON'],
  ['a place that is not there', '{"a":1}', set('b.c', '1'), 'does not have that shape'],
  ['a field of a number', '{"a":1.0}', set('a.b', '1'), 'does not have that shape'],
  ['a name that is taken', '{"a":1,"b":2}', rename('a', 'b'), 'there is a b already'],
  ['a list that is too short', '{"a":[]}', set('a[3]', '1'), 'the list has 0 entries'],
])('%s is refused, with the reason', (_title, payload, step, reason) => {
  expect(() => edit(payload, step)).toThrow(reason)
})

test('bytes that are no UTF-8 and a tombstone are refused', () => {
  expect(() => editMessage({ headers: [], payload: new Uint8Array([0xc3, 0x28]) }, [set('a', '1')])).toThrow('no JSON')
  expect(() => editMessage({ headers: [], payload: null }, [set('a', '1')])).toThrow('tombstone')
})

test('headers are set, removed and renamed by their exact name; others stay, duplicates and nulls included', () => {
  const headers = [
    { name: 'tenant', value: bytes('acme') },
    { name: 'x', value: bytes('1') },
    { name: 'x', value: null },
    { name: 'Old', value: new Uint8Array([0xff]) },
  ]
  const steps: EditStep[] = [
    { act: 'set', part: 'header', at: 'x', value: '2' },
    { act: 'rename', part: 'header', at: 'Old', to: 'new' },
    { act: 'remove', part: 'header', at: 'TENANT' },
  ]
  const edited = editMessage({ headers, payload: bytes('no json') }, steps)
  expect(edited.headers).toEqual([
    { name: 'tenant', value: bytes('acme') },
    { name: 'x', value: bytes('2') },
    { name: 'new', value: new Uint8Array([0xff]) },
  ])
  expect(edited.changes[0]).toEqual({ part: 'header', at: 'x', before: '1, null', after: '2' })
  expect(textOf(edited.payload)).toBe('no json')
})

test('any JSON survives an edit beside it, value by value', () => {
  fc.assert(
    fc.property(
      fc.dictionary(
        fc.string().filter((name) => name !== '__proto__'),
        fc.jsonValue(),
      ),
      (content) => {
        const source = JSON.stringify({ content, mark: 1 })
        const { payload } = edit(source, set('mark', '2'))
        expect(textOf(payload)).toBe(source.replace(/1}$/, '2}'))
      },
    ),
  )
})

test('a field may be called what the paths use for themselves', () => {
  expect(textOf(edit('{"*each":1,"a.b":{"[0]":1}}', remove('*each'), set('["a.b"]["[0]"]', '2')).payload)).toBe(
    '{"a.b":{"[0]":2}}',
  )
})

test('an object cannot be given another prototype by an edit', () => {
  expect(checkEditStep(set('__proto__.polluted', '1'))).toContain('__proto__')
  const { payload } = edit('{"__proto__":{"a":1},"b":2}', rename('b', 'c'))
  expect(textOf(payload)).toBe('{"__proto__":{"a":1},"c":2}')
  expect(({} as Record<string, unknown>)['a']).toBeUndefined()
})

test('a step that can never fit is told before anything is planned', () => {
  expect(checkEditStep(set('a', 'EUR'))).toContain('"EUR"')
  expect(checkEditStep(set('a..b', '1'))).toContain('is no path')
  expect(checkEditStep({ act: 'remove', part: 'header', at: 'traceparent' })).toContain('itself')
  expect(checkEditStep(remove('["a.b"][0]'))).toBeNull()
})

test('JSON behind a schema id is edited and keeps the id; what is binary behind one is refused in words, but for headers', () => {
  const framed = (body: Uint8Array) => Uint8Array.of(0, 0, 0, 1, 2, ...body)
  const json = { headers: [], payload: framed(bytes('{"a":1.0,"b":2}')) }
  expect(editMessage(json, [set('b', '3')]).payload).toEqual(framed(bytes('{"a":1.0,"b":3}')))
  const binary = { headers: [], payload: framed(Uint8Array.of(6, 97, 98)) }
  expect(() => editMessage(binary, [set('b', '3')])).toThrow(/binary, written with schema 258 of the registry/)
  const header: EditStep = { act: 'set', part: 'header', at: 'x', value: '1' }
  expect(editMessage(binary, [header]).payload).toEqual(binary.payload)
})
