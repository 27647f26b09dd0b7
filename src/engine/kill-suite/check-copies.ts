/** One message that was to be redriven; `order` is its place among those of its key. */
export interface ExpectedMessage {
  readonly id: string
  readonly key: string | null
  readonly order: number
  /** Of everything that must survive: payload and business headers. */
  readonly digest: string
}

/** One message found at the real destination, in the order of its lane. */
export interface FoundCopy {
  readonly id: string
  readonly key: string | null
  readonly digest: string
  readonly operationId: string | null
  readonly item: string | null
}

export interface CopyVerdict {
  readonly lost: readonly string[]
  readonly altered: readonly string[]
  /** Copies beyond the first, all with the same operation and item as the first. */
  readonly markedDuplicates: number
  /** Copies beyond the first that a consumer could not recognise. Must be 0. */
  readonly unmarkedDuplicates: number
  /** Messages whose first copy came after the first copy of a later one of their key. Must be 0. */
  readonly inversions: number
  readonly strangers: readonly string[]
}

/** What a crash did to the messages, by looking at the destination alone. */
export function checkCopies(expected: readonly ExpectedMessage[], found: readonly FoundCopy[]): CopyVerdict {
  const wanted = new Map(expected.map((message) => [message.id, message]))
  const firsts = new Map<string, FoundCopy>()
  const lastOrderOfKey = new Map<string, number>()
  const altered: string[] = []
  const strangers: string[] = []
  let markedDuplicates = 0
  let unmarkedDuplicates = 0
  let inversions = 0
  for (const copy of found) {
    const message = wanted.get(copy.id)
    if (message === undefined) {
      strangers.push(copy.id)
      continue
    }
    if (copy.digest !== message.digest) altered.push(copy.id)
    const first = firsts.get(copy.id)
    if (first !== undefined) {
      const isMarked = copy.item !== null && copy.item === first.item && copy.operationId === first.operationId
      if (isMarked) markedDuplicates += 1
      else unmarkedDuplicates += 1
      continue
    }
    firsts.set(copy.id, copy)
    if (message.key === null) continue
    if (message.order < (lastOrderOfKey.get(message.key) ?? -1)) inversions += 1
    lastOrderOfKey.set(message.key, Math.max(message.order, lastOrderOfKey.get(message.key) ?? -1))
  }
  const lost = expected.filter((message) => !firsts.has(message.id)).map((message) => message.id)
  return { lost, altered, markedDuplicates, unmarkedDuplicates, inversions, strangers }
}
