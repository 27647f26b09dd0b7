/** The dead letters that died of one thing, and one of them opened. */
export function deadLetterPath(fingerprint: string, id: string | null = null): string {
  const query = new URLSearchParams({ fingerprint })
  if (id !== null) query.set('id', id)
  return `/dead-letters?${query.toString()}`
}
