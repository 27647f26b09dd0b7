import type { SpanDraft } from '#otlp/span-draft.ts'
import { type FlowMarks, kindOfAttribute, MAX_POSTED_CHARACTERS } from '#telemetry-store/postgres/flow-mark.ts'
import { readJsonMember } from '#telemetry-store/postgres/read-json-member.ts'

interface IndexedKey {
  readonly kind: number
  readonly text: string
  /** `"key":` as it stands in the JSON of a span. */
  readonly json: Buffer
}

/** The attribute keys that people asked to be found fast. One for the process: ingest asks it for every span. */
export class IndexedKeys {
  #keys: readonly IndexedKey[] = []

  get isEmpty(): boolean {
    return this.#keys.length === 0
  }

  replace(keys: readonly { readonly number: number; readonly key: string }[]): void {
    this.#keys = keys.map(({ number, key }) => ({
      kind: kindOfAttribute(number),
      text: key,
      json: Buffer.from(`${JSON.stringify(key)}:`),
    }))
  }

  /** Posts what the span, or else its resource (JSON), says under the keys. */
  mark(marks: FlowMarks, draft: SpanDraft, resource: Buffer, flowKey: string | null): void {
    for (const key of this.#keys) {
      const value = draft.attributes.textOf(key.text) ?? readJsonMember(resource, key.json)
      if (value !== null && value.length <= MAX_POSTED_CHARACTERS) marks.add(key.kind, value, draft, flowKey)
    }
  }
}

export const indexedKeys = new IndexedKeys()
