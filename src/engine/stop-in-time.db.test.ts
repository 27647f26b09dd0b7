import { expect, test } from 'vitest'
import type { Broker } from '#brokers/broker.ts'
import { cancelOperation } from '#commands/operation/cancel.ts'
import { pauseOperation } from '#commands/operation/pause.ts'
import { resumeOperation } from '#commands/operation/resume.ts'
import { isConserved } from '#domain/operation/operation-counts.ts'
import { OPERATOR, redriveAsPerson, waitForState } from '#engine/engine-fixture.ts'
import { useMemoryEngine } from '#engine/memory-engine.ts'

const { database, openBroker, start, makePlace, itemsOf, copiesAt } = useMemoryEngine()
const as = () => ({ database: database().database, actor: OPERATOR })

/** The first send never answers and heeds no signal, though its messages arrive; later ones are as usual. */
function hangingOnce(): { readonly broker: Broker; readonly hangs: Promise<void> } {
  const broker = openBroker('log')
  const hanging = Promise.withResolvers<void>()
  let isFirst = true
  const send: Broker['send'] = {
    ...broker.send,
    send: async (messages, signal) => {
      const results = await broker.send.send(messages, signal)
      if (!isFirst) return results
      isFirst = false
      hanging.resolve()
      return new Promise(() => undefined)
    },
  }
  return { broker: { ...broker, send }, hangs: hanging.promise }
}

test('a pause takes effect while a send hangs; after the resume what it had sent is found, and not sent again', async () => {
  const { broker, hangs } = hangingOnce()
  start({ broker })
  const place = await makePlace(40, { keys: 4 })
  const operationId = await redriveAsPerson(database().database, { ...place, ratePerSecond: 100 })
  await hangs
  await pauseOperation(as(), { operationId, reason: 'a phone call' })
  const paused = await waitForState(database().database, operationId, ['paused', 'completed'])
  expect(paused.operation).toMatchObject({ state: 'paused', stateReason: 'a phone call' })
  expect(isConserved(40, paused.counts)).toBe(true)
  expect((await itemsOf(operationId)).some((item) => item.state === 'claimed')).toBe(true)
  await resumeOperation(as(), { operationId, reason: '' })
  const { counts } = await waitForState(database().database, operationId, ['completed'])
  expect(counts.confirmed).toBe(40)
  expect(copiesAt(place.origin)).toHaveLength(40)
  expect(counts.repeatedSends).toBe(0)
})

test('a cancel takes effect while a send hangs, and says of what was under way that it may have arrived', async () => {
  const { broker, hangs } = hangingOnce()
  start({ broker })
  const place = await makePlace(40)
  const operationId = await redriveAsPerson(database().database, { ...place, ratePerSecond: 100 })
  await hangs
  await cancelOperation(as(), { operationId, reason: 'the wrong ones' })
  const { counts } = await waitForState(database().database, operationId, ['cancelled', 'completed'])
  expect(isConserved(40, counts)).toBe(true)
  const unknown = (await itemsOf(operationId)).filter((item) => item.state === 'failed')
  expect(unknown.length).toBeGreaterThan(0)
  expect(new Set(unknown.map((item) => item.reason))).toEqual(
    new Set(['cancelled before the answer was known: a copy may have arrived']),
  )
})
