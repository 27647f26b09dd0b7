/** A name that fits: the end of long names tells them apart as often as the beginning. */
export function shortenName(name: string, maxLength: number): string {
  if (name.length <= maxLength) return name
  const tail = Math.floor((maxLength - 1) / 3)
  return `${name.slice(0, maxLength - 1 - tail)}…${name.slice(-tail)}`
}
