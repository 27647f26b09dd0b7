/** Marks that turn the direction of what follows them, as far as the end of the line. */
const TURNING = /[\u202A-\u202E\u2066-\u2069]/gu

/** A sentence with names in it that others chose: what would turn the words after a name stands there to be seen instead. */
export function Sentence({ text }: { readonly text: string }) {
  return <bdi>{text.replace(TURNING, '\uFFFD')}</bdi>
}
