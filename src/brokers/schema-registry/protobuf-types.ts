import protobuf, { type Enum, type Field, type NamespaceBase, type Type } from 'protobufjs'
import type { SchemaText } from '#brokers/schema-registry/schema-text.ts'
import { Undecodable } from '#brokers/schema-registry/undecodable.ts'

/** What Confluent's registry lets schemas import without a reference. */
const BUILT_IN: Readonly<Record<string, string>> = {
  'confluent/meta.proto': 'syntax = "proto3"; package confluent; message Meta { string doc = 1; }',
  'confluent/type/decimal.proto':
    'syntax = "proto3"; package confluent.type; message Decimal { bytes value = 1; uint32 precision = 2; int32 scale = 3; }',
}

/** A .proto file with all that it imports. */
export interface ProtobufSchema {
  readonly root: protobuf.Root
  /** Messages of the file itself in the order in which they are written; message indexes count them. */
  readonly messages: readonly MessageNode[]
}

interface MessageNode {
  readonly fullName: string
  readonly nested: readonly MessageNode[]
}

/** @throws Undecodable */
export function parseProtobuf(schema: SchemaText): ProtobufSchema {
  try {
    const root = new protobuf.Root()
    const given = new Set(schema.references.map((reference) => reference.name))
    for (const reference of schema.references) protobuf.parse(reference.text, root, { keepCase: true })
    const { imports = [] } = protobuf.parse(schema.text, root, { keepCase: true })
    for (const name of [...imports, ...schema.references.flatMap((one) => importsOf(one.text))]) {
      if (!given.has(name)) addBuiltIn(root, name)
      given.add(name)
    }
    root.resolveAll()
    return { root, messages: listMessages(schema.text) }
  } catch (error) {
    throw new Undecodable('its schema cannot be understood', error instanceof Error ? error.message : String(error))
  }
}

const importsOf = (text: string): readonly string[] => protobuf.parse(text, new protobuf.Root()).imports ?? []

function addBuiltIn(root: protobuf.Root, name: string): void {
  const common = protobuf.common.get(name)
  const text = BUILT_IN[name]
  if (common !== null && common.nested !== undefined) root.addJSON(common.nested)
  else if (text !== undefined) protobuf.parse(text, root, { keepCase: true })
}

/** In a root of their own, where nothing that is imported stands between them. */
function listMessages(text: string): readonly MessageNode[] {
  const alone = new protobuf.Root()
  const { package: name } = protobuf.parse(text, alone, { keepCase: true })
  const place = name === undefined ? alone : alone.lookup(name)
  return place instanceof protobuf.Namespace ? messagesIn(place) : []
}

function messagesIn(place: NamespaceBase): readonly MessageNode[] {
  return place.nestedArray.flatMap((one) =>
    one instanceof protobuf.Type ? [{ fullName: one.fullName.replace(/^\./, ''), nested: messagesIn(one) }] : [],
  )
}

/** The message at `indexes`: the first of the file, then one inside it, and so on. @throws Undecodable */
export function messageAt({ root, messages }: ProtobufSchema, indexes: readonly number[]): Type {
  let [found, choices]: [MessageNode | undefined, readonly MessageNode[]] = [undefined, messages]
  for (const index of indexes) {
    found = choices[index]
    choices = found?.nested ?? []
  }
  if (found === undefined) {
    throw new Undecodable('its schema has no message where the payload points', `index ${indexes.join('.')}`)
  }
  return root.lookupType(found.fullName)
}

/** null when there is no message of that name. */
export function findMessage({ root }: ProtobufSchema, fullName: string): Type | null {
  const found = root.lookup(fullName, [protobuf.Type])
  return found instanceof protobuf.Type ? found : null
}

export const isMessage = (type: Field['resolvedType']): type is Type => type instanceof protobuf.Type
export const isEnumeration = (type: Field['resolvedType']): type is Enum => type instanceof protobuf.Enum
export const isMapField = (field: Field): field is Field & { readonly keyType: string } =>
  field instanceof protobuf.MapField
/** Of a type that is neither message nor enum; undefined where there is no such type. */
export const basicWireOf = (type: string): number | undefined =>
  (protobuf.types.basic as Readonly<Record<string, number>>)[type]
export const openProtobufReader = (bytes: Uint8Array): protobuf.Reader => protobuf.Reader.create(Buffer.from(bytes))
export type ProtobufReader = protobuf.Reader
