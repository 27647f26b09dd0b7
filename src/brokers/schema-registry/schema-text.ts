/** A schema with what it refers to; the references of references stand before those that need them. */
export interface SchemaText {
  readonly text: string
  readonly references: readonly { readonly name: string; readonly text: string }[]
}
