import { hash } from 'node:crypto'
import type { KnownKey } from '#otlp/known-key.ts'

/**
 * The attribute keys of a span in their order, each with how its value is written: spans of one kind share one, so that a
 * row needs the values alone. Sets form a tree in which a span walks down key by key.
 */
export class KeySet {
  readonly parent: KeySet | null
  readonly key: KnownKey | null
  /** Of the last key: its value is JSON (a number, a list ...) and not plain text. */
  readonly isJson: boolean
  readonly size: number
  /** The day for which the set was last found storable; a note of those who store it. */
  storableDay = -1
  #id: Buffer | null = null
  #names: Set<string> | null = null
  #texts: Map<KnownKey, KeySet> | null = null
  #jsons: Map<KnownKey, KeySet> | null = null
  #last: KeySet | null = null

  constructor(parent: KeySet | null, key: KnownKey | null, isJson: boolean) {
    this.parent = parent
    this.key = key
    this.isJson = isJson
    this.size = parent === null ? 0 : parent.size + 1
  }

  /** The set with one key more. */
  with(key: KnownKey, isJson: boolean): KeySet {
    const last = this.#last
    if (last !== null && last.key === key && last.isJson === isJson) return last
    const children = isJson ? (this.#jsons ??= new Map()) : (this.#texts ??= new Map())
    let child = children.get(key)
    if (child === undefined) {
      child = new KeySet(this, key, isJson)
      children.set(key, child)
      nodeCount += 1
    }
    this.#last = child
    return child
  }

  /** The key that came next the last time; a guess that is nearly always right. */
  get likelyNext(): KnownKey | null {
    return this.#last?.key ?? null
  }

  /** 8 bytes, the same for the same keys wherever they come in. */
  get id(): Buffer {
    this.#id ??= hash(
      'md5',
      JSON.stringify(this.entries().map(({ key, isJson }) => [key.text, isJson])),
      'buffer',
    ).subarray(0, 8)
    return this.#id
  }

  has(keyText: string): boolean {
    this.#names ??= new Set(this.entries().map(({ key }) => key.text))
    return this.#names.has(keyText)
  }

  entries(): readonly { readonly key: KnownKey; readonly isJson: boolean }[] {
    if (this.parent === null || this.key === null) return []
    return [...this.parent.entries(), { key: this.key, isJson: this.isJson }]
  }
}

/** Keys that are made up as they go (ids within keys) must not fill the memory: the tree starts anew. */
const MAX_NODES = 20_000
let nodeCount = 0
let root = new KeySet(null, null, false)

export function emptyKeySet(): KeySet {
  if (nodeCount > MAX_NODES) {
    nodeCount = 0
    root = new KeySet(null, null, false)
  }
  return root
}
