import { expect, test } from 'vitest'
import { BOUND, collect, signalOf, type LawBench } from '#brokers/contract-harness.ts'

/** Laws of finding, paging and removing dead letters. */
export function describeDeadLetterLaws({ harness, broker: adapter, fresh }: LawBench): void {
  test('dead-letter places are found with evidence, and other places are not taken for one', async () => {
    const broker = adapter()
    const facet = broker.deadLetters
    if (facet === undefined) return
    const origin = await fresh('orders')
    const place = await harness.deadLetter(origin, 1)
    const { places, unreadable } = await facet.find(signalOf())
    const found = places.find((one) => one.destination === place)
    expect(found?.evidence).toBeTruthy()
    expect(found?.originDestination ?? origin).toBe(origin)
    expect(places.map((one) => one.destination)).not.toContain(origin)
    expect(unreadable).toEqual([])
  })

  test('dead letters are read by page and resumed from a checkpoint, none twice and none missing', async () => {
    const broker = adapter()
    const facet = broker.deadLetters
    if (facet === undefined) return
    const origin = await fresh('paged')
    const place = await harness.deadLetter(origin, 25)
    const whole = await collect(facet.read(place, null, BOUND, signalOf()))
    expect(whole.messages).toHaveLength(25)
    expect(whole.pages.every((page) => page.messages.length <= BOUND.maxMessages)).toBe(true)
    expect(whole.pages.flatMap((page) => page.gaps)).toEqual([])
    const seen = whole.messages.map((one) => `${one.position.lane}@${one.position.sequence}`)
    expect(new Set(seen).size).toBe(25)

    const resumed: string[] = []
    let checkpoint: string | null = null
    for (let turn = 0; turn < 10; turn++) {
      let isDone = true
      for await (const page of facet.read(place, checkpoint, BOUND, signalOf())) {
        resumed.push(...page.messages.map((one) => `${one.position.lane}@${one.position.sequence}`))
        checkpoint = page.checkpoint
        isDone = false
        break
      }
      if (isDone) break
    }
    expect(resumed.toSorted()).toEqual(seen.toSorted())

    await harness.deadLetter(origin, 3)
    const added = await collect(facet.read(place, checkpoint, BOUND, signalOf()))
    expect(added.messages).toHaveLength(3)
    const last = added.pages.at(-1)!.checkpoint
    expect((await collect(facet.read(place, last, BOUND, signalOf()))).messages).toEqual([])
  })

  test('remove removes exactly what it was told, and says so when it was gone already', async () => {
    const broker = adapter()
    const facet = broker.deadLetters
    if (facet?.remove === undefined) return
    const origin = await fresh('removal')
    const place = await harness.deadLetter(origin, 6)
    const { messages } = await collect(facet.read(place, null, BOUND, signalOf()))
    const doomed = [messages[1]!.position, messages[4]!.position]
    expect(await facet.remove(place, doomed, signalOf())).toEqual([{ outcome: 'done' }, { outcome: 'done' }])
    const left = await collect(facet.read(place, null, BOUND, signalOf()))
    expect(left.messages.map((one) => one.position)).toEqual(
      messages.filter((_, index) => index !== 1 && index !== 4).map((one) => one.position),
    )
    expect(await facet.remove(place, doomed, signalOf())).toEqual([
      { outcome: 'already-gone' },
      { outcome: 'already-gone' },
    ])
  })
}
