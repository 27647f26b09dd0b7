/** One change of a message before it is sent. Payload paths are those of {@link parseFieldPath}. */
export type EditStep =
  /** `value` is JSON text for a payload (`"EUR"`, `12.50`), plain text for a header. */
  | { readonly act: 'set'; readonly part: EditPart; readonly at: string; readonly value: string }
  | { readonly act: 'remove'; readonly part: EditPart; readonly at: string }
  /** `to` is the new name of the field, in the same place; or of the header. */
  | { readonly act: 'rename'; readonly part: EditPart; readonly at: string; readonly to: string }

export type EditPart = 'payload' | 'header'

export const MAX_EDIT_STEPS = 50

/** One place that an edit changed; null = not there. Payload values are JSON text. */
export interface EditChange {
  readonly part: EditPart
  readonly at: string
  readonly before: string | null
  readonly after: string | null
}
