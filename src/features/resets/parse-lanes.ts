/** More than this nobody types. */
const MAX_LANES = 10_000

/**
 * Lanes of `0, 3-5` in the order of typing; null for nothing, which means all.
 * @returns `problem` in words where it is no such list
 */
export function parseLanes(text: string): { readonly lanes: readonly string[] | null } | { readonly problem: string } {
  const parts = text.split(/[,\s]+/).filter((part) => part !== '')
  if (parts.length === 0) return { lanes: null }
  const lanes = new Set<string>()
  for (const part of parts) {
    const range = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(part)
    if (range === null) return { problem: `“${part}” is no lane; lanes are 0, 3-5.` }
    const first = Number(range[1])
    const last = range[2] === undefined ? first : Number(range[2])
    if (last < first) return { problem: `${part} runs backwards.` }
    if (last - first + lanes.size >= MAX_LANES) return { problem: `At most ${MAX_LANES} lanes at once.` }
    for (let lane = first; lane <= last; lane += 1) lanes.add(String(lane))
  }
  return { lanes: [...lanes] }
}
