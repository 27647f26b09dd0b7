import type { EditChange, EditStep } from '#domain/edit/edit-step.ts'
import { parseExactJson, writeExactJson } from '#domain/edit/exact-json.ts'
import { parseFieldPath, printFieldPath, type PathStep } from '#domain/edit/field-path.ts'
import { Failure } from '#domain/failure.ts'

type Holder = Record<string, unknown> | unknown[]

/** An object or list with the name of one field in it, and where that is. */
interface Spot {
  readonly holder: Holder
  readonly name: string | number
  readonly path: readonly (string | number)[]
}

/**
 * Applies one step to a parsed payload, in place. What is to be removed or renamed and is not there is left alone; what
 * is to be set needs its surroundings.
 *
 * @throws Failure `invalid` when the payload has no such place, or a field of the new name already
 */
export function editPayload(root: unknown, step: EditStep): readonly EditChange[] {
  const path = parseFieldPath(step.at)
  return findSpots(root, path, step).flatMap((spot) => changeSpot(spot, step))
}

function findSpots(root: unknown, path: readonly PathStep[], step: EditStep): readonly Spot[] {
  let holders: { readonly value: unknown; readonly path: readonly (string | number)[] }[] = [{ value: root, path: [] }]
  for (const name of path.slice(0, -1)) holders = holders.flatMap((holder) => enter(holder, name, step))
  const last = path.at(-1)
  return holders.flatMap(({ value, path: at }): readonly Spot[] => {
    if (last === undefined) return []
    if (last === null) {
      return Array.isArray(value)
        ? value.map((_, index) => ({ holder: value, name: index, path: [...at, index] }))
        : refuse(step, at)
    }
    if (!isHolder(value) || Array.isArray(value) !== (typeof last === 'number')) return refuse(step, at)
    return [{ holder: value, name: last, path: [...at, last] }]
  })
}

function enter(
  { value, path }: { readonly value: unknown; readonly path: readonly (string | number)[] },
  name: PathStep,
  step: EditStep,
): { readonly value: unknown; readonly path: readonly (string | number)[] }[] {
  if (name === null) {
    return Array.isArray(value)
      ? value.map((one: unknown, at) => ({ value: one, path: [...path, at] }))
      : [...refuse(step, path)]
  }
  if (isHolder(value) && Object.hasOwn(value, name)) return [{ value: read(value, name), path: [...path, name] }]
  return [...refuse(step, [...path, name])]
}

/** @throws Failure when it was to be set; nothing to do otherwise */
function refuse(step: EditStep, path: readonly (string | number)[]): readonly never[] {
  if (step.act !== 'set') return []
  const where = printFieldPath(path)
  throw new Failure(
    'invalid',
    `${step.at} cannot be set: ${where === '' ? 'the payload' : where} does not have that shape`,
  )
}

function changeSpot({ holder, name, path }: Spot, step: EditStep): readonly EditChange[] {
  const isThere = Object.hasOwn(holder, name)
  const before = isThere ? writeExactJson(read(holder, name)) : null
  const at = printFieldPath(path)
  if (step.act === 'set') {
    if (Array.isArray(holder) && Number(name) > holder.length) {
      throw new Failure('invalid', `${step.at} cannot be set: the list has ${holder.length} entries`)
    }
    write(holder, name, parseExactJson(step.value))
    const after = writeExactJson(read(holder, name))
    return before === after ? [] : [{ part: 'payload', at, before, after }]
  }
  if (!isThere) return []
  if (step.act === 'remove') {
    remove(holder, name)
    return [{ part: 'payload', at, before, after: null }]
  }
  if (Array.isArray(holder))
    throw new Failure('invalid', `${step.at} cannot be renamed: entries of a list have no name`)
  if (Object.hasOwn(holder, step.to))
    throw new Failure('invalid', `${at} cannot be renamed: there is a ${step.to} already`)
  renameInPlace(holder, String(name), step.to)
  const renamed = printFieldPath([...path.slice(0, -1), step.to])
  return [
    { part: 'payload', at, before, after: null },
    { part: 'payload', at: renamed, before: null, after: before },
  ]
}

/** The field keeps its place among the others. */
function renameInPlace(holder: Record<string, unknown>, from: string, to: string): void {
  const entries = Object.entries(holder)
  for (const [name] of entries) delete holder[name]
  for (const [name, value] of entries) write(holder, name === from ? to : name, value)
}

const isHolder = (value: unknown): value is Holder =>
  typeof value === 'object' && value !== null && !(Object.isFrozen(value) && Object.hasOwn(value, 'rawJSON'))

const read = (holder: Holder, name: string | number): unknown => (holder as Record<string | number, unknown>)[name]

function write(holder: Holder, name: string | number, value: unknown): void {
  Object.defineProperty(holder, name, { value, writable: true, enumerable: true, configurable: true })
}

function remove(holder: Holder, name: string | number): void {
  if (Array.isArray(holder)) holder.splice(Number(name), 1)
  else delete holder[String(name)]
}
