import { expect, test } from 'vitest'
import { pauseOperation } from '#commands/operation/pause.ts'
import { resumeOperation } from '#commands/operation/resume.ts'
import { OPERATOR, redriveAsPerson, waitFor, waitForState } from '#engine/engine-fixture.ts'
import { useMemoryEngine } from '#engine/memory-engine.ts'

const { database, openBroker, start, makePlace, itemsOf } = useMemoryEngine()
const as = () => ({ database: database().database, actor: OPERATOR })
const CAP = 200
const COUNT = 700

test('no second holds more than 1.1 times the cap, with three collectors, through a crash, a pause and a resume', async () => {
  for (const text of ['sent:2:throw', 'claimed:3:throw', undefined]) {
    start({ broker: openBroker('log'), failpoint: { text, nodeEnvironment: 'test' } })
  }
  const place = await makePlace(COUNT, { keys: 50 })
  const operationId = await redriveAsPerson(database().database, { ...place, ratePerSecond: CAP })
  await waitFor(database().database, operationId, ({ counts }) => counts.confirmed > COUNT / 3)
  await pauseOperation(as(), { operationId, reason: 'a look' })
  await waitForState(database().database, operationId, ['paused'])
  await resumeOperation(as(), { operationId, reason: '' })
  const { counts } = await waitForState(database().database, operationId, ['completed'], 60_000)
  expect(counts.confirmed).toBe(COUNT)
  // By the database's clock at the claim: how fast a busy machine gets around to send what it may send is another matter.
  const claims = (await itemsOf(operationId)).map((item) => item.claimedAt?.getTime() ?? 0).toSorted((a, b) => a - b)
  const most = Math.max(...claims.map((from) => claims.filter((at) => at >= from && at < from + 1_000).length))
  expect(most).toBeLessThanOrEqual(CAP * 1.1)
  expect(most).toBeGreaterThan(CAP / 20)
})
