/** A formatter that is made when it is first asked for: making one takes a browser milliseconds, and few pages need all. */
export function lazyFormat<Format>(open: () => Format): () => Format {
  let format: Format | null = null
  return () => (format ??= open())
}
