/**
 * Whether a name is what a pattern means, in which `*` stands for any run of characters and everything else for itself.
 * Case matters: brokers tell `Orders` from `orders`. At most pattern times name steps, whatever the pattern.
 */
export function matchesGlob(pattern: string, name: string): boolean {
  let at = 0
  let patternAt = 0
  let starAt = -1
  let retryAt = 0
  while (at < name.length) {
    if (pattern[patternAt] === '*') {
      starAt = patternAt++
      retryAt = at
    } else if (pattern[patternAt] === name[at]) {
      patternAt += 1
      at += 1
    } else if (starAt >= 0) {
      // The last star takes one character more, and what follows it is tried again.
      patternAt = starAt + 1
      at = ++retryAt
    } else return false
  }
  while (pattern[patternAt] === '*') patternAt += 1
  return patternAt === pattern.length
}
