/** Answers in the order of the items, with at most `limit` at work at a time. The first failure ends it. */
export async function mapBounded<Item, Answer>(
  items: readonly Item[],
  limit: number,
  act: (item: Item, at: number) => Promise<Answer>,
): Promise<readonly Answer[]> {
  const answers: Answer[] = []
  let next = 0
  const work = async (): Promise<void> => {
    for (let at = next++; at < items.length; at = next++) {
      const item = items[at]
      if (item !== undefined) answers[at] = await act(item, at)
    }
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, work))
  return answers
}

export function cutInto<Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size))
}
