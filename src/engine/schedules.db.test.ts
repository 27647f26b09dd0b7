import fc from 'fast-check'
import type { PoolClient } from 'pg'
import { expect, test } from 'vitest'
import type { MemoryBroker } from '#brokers/memory/memory-broker.ts'
import { cancelOperation } from '#commands/operation/cancel.ts'
import { pauseOperation } from '#commands/operation/pause.ts'
import { resumeOperation } from '#commands/operation/resume.ts'
import { startOperation } from '#commands/operation/start.ts'
import { openDatabase } from '#db/client.ts'
import { listTransitions, readOperationView } from '#db/store/operation-view-store.ts'
import { toFailure } from '#domain/failure.ts'
import { headerText } from '#domain/message.ts'
import { isConserved } from '#domain/operation/operation-counts.ts'
import { canTransition, FINAL_STATES, type OperationState } from '#domain/operation/operation-state.ts'
import { OPERATOR, planAsPerson, startTestEngine, waitForState } from '#engine/engine-fixture.ts'
import { useMemoryEngine, type MemoryPlace } from '#engine/memory-engine.ts'

const SEED = Number(process.env['SCHEDULE_SEED'] ?? Date.now() % 1_000_000)
const SCHEDULES = Number(process.env['SCHEDULES'] ?? 30)
const MESSAGES = 40
const KEYS = 5
const LIMIT_MS = 60_000
const { database, openBroker, makePlace, copiesAt, itemsOf } = useMemoryEngine()
const as = () => ({ database: database().database, actor: OPERATOR })
const bodyOf = (message: { readonly payload: Uint8Array | null }): string =>
  new TextDecoder().decode(message.payload ?? undefined)

/** What must hold whatever happened; what the schedule may still do. */
interface Model {
  isStarted: boolean
  isCancelled: boolean
  /** A single message of a batch got lost, and later ones of its key were taken: the one case in which order is not promised. */
  hasGapInBatch: boolean
}

interface Real {
  readonly operationId: string
  readonly manifestHash: string
  readonly place: MemoryPlace
  engine: MortalEngine
}

interface MortalEngine {
  readonly broker: MemoryBroker
  /** Nothing that it began is brought to an end, nothing is given back. */
  crash(): Promise<void>
  stop(): Promise<void>
}

function startMortalEngine(): MortalEngine {
  const client = openDatabase(database().url, { maxConnections: 8, onError: () => undefined })
  const sockets = new Set<{ destroy(): void }>()
  client.pool.on('connect', (connected) => {
    sockets.add((connected as PoolClient & { connection: { stream: { destroy(): void } } }).connection.stream)
  })
  const broker = openBroker('queue')
  broker.faults.inject({ fault: { kind: 'delay', delayMs: 2 } })
  const engine = startTestEngine({ client, broker, leaseTtlMs: 400 })
  return {
    broker,
    crash: async () => {
      const ended = client.close()
      for (const socket of sockets) socket.destroy()
      await broker.close()
      await engine.stop()
      await ended
    },
    stop: async () => {
      await engine.stop()
      await client.close()
    },
  }
}

type Command = fc.AsyncCommand<Model, Real>

/** A person's wish: carried out, or refused with `conflict` for the state that the operation is in by now. */
const wish = (name: string, ask: (real: Real) => Promise<unknown>, remember?: (model: Model) => void): Command => ({
  check: (model) => model.isStarted || name === 'start',
  run: async (model, real) => {
    try {
      await ask(real)
      remember?.(model)
    } catch (error) {
      expect(toFailure(error).code).toBe('conflict')
    }
    await expectInvariants(real)
  },
  toString: () => name,
})

const START = wish(
  'start',
  ({ operationId, manifestHash }) => startOperation(as(), { operationId, manifestHash }),
  (model) => (model.isStarted = true),
)
const PAUSE = wish('pause', ({ operationId }) => pauseOperation(as(), { operationId, reason: 'a moment' }))
const RESUME = wish('resume', ({ operationId }) => resumeOperation(as(), { operationId }))
const CANCEL = wish(
  'cancel',
  ({ operationId }) => cancelOperation(as(), { operationId, reason: 'enough' }),
  (model) => (model.isCancelled = true),
)

const CRASH: Command = {
  check: () => true,
  run: async (_, real) => {
    await real.engine.crash()
    await expectInvariants(real)
    real.engine = startMortalEngine()
  },
  toString: () => 'crash',
}

const tick = (ms: number): Command => ({
  check: () => true,
  run: async (_, real) => {
    const before = await readOperationView(database().database, real.operationId)
    const sent = copiesAt(real.place.origin).length
    await new Promise((resolve) => setTimeout(resolve, ms))
    await expectInvariants(real)
    const after = await readOperationView(database().database, real.operationId)
    if (before?.operation.state === 'paused' && after?.operation.intent === 'pause') {
      expect(copiesAt(real.place.origin)).toHaveLength(sent)
    }
  },
  toString: () => `tick(${ms})`,
})

const fault = (kind: 'unknown-after-append' | 'unknown-without-append'): Command => ({
  check: () => true,
  run: async (model, { engine }) => {
    if (kind === 'unknown-without-append') model.hasGapInBatch = true
    engine.broker.faults.clear()
    engine.broker.faults.inject({ fault: { kind }, times: 3 })
    engine.broker.faults.inject({ fault: { kind: 'delay', delayMs: 2 } })
  },
  toString: () => kind,
})

/** True at every moment. The order of the looks matters: what is looked at later may only know more. */
async function expectInvariants({ operationId, place }: Real): Promise<void> {
  const atSource = new Set(copiesAt(place.source).map(bodyOf))
  const items = await itemsOf(operationId)
  const view = await readOperationView(database().database, operationId)
  const arrived = copiesAt(place.origin)
  const bodies = new Set(arrived.map(bodyOf))
  for (let at = 0; at < MESSAGES; at += 1) {
    expect(atSource.has(`message ${at}`) || bodies.has(`message ${at}`), `message ${at} is somewhere`).toBe(true)
  }
  const marks = new Set(arrived.map((copy) => headerText(copy.headers, 'throughline-item')))
  for (const item of items) {
    if (item.state === 'confirmed' || item.state === 'removed') expect(marks).toContain(item.ordinal.toString())
  }
  const markOf = new Map<string, string | null>()
  for (const copy of arrived) {
    const mark = headerText(copy.headers, 'throughline-item')
    expect(markOf.get(bodyOf(copy)) ?? mark).toBe(mark)
    markOf.set(bodyOf(copy), mark)
  }
  expect(isConserved(view?.operation.itemCount ?? -1, view?.counts ?? never())).toBe(true)
  const moves = await listTransitions(database().database, operationId)
  for (const [at, move] of moves.entries()) {
    const [from, to] = [moves[at - 1]?.toState ?? 'planning', move.toState].map((one) => one as OperationState)
    expect(from !== undefined && to !== undefined && canTransition(from, to), `${from} -> ${move.toState}`).toBe(true)
  }
}

const never = (): never => {
  throw new Error('the operation is gone')
}

/** Lets it come to its end, then looks at what is left. */
async function expectGoodEnd(model: Model, real: Real): Promise<void> {
  const { operationId, manifestHash, place } = real
  if (!model.isStarted) await startOperation(as(), { operationId, manifestHash })
  const { database: ledger } = database()
  const isFinal = (state: OperationState): boolean => FINAL_STATES.some((one) => one === state)
  // A wish to pause may take effect after the wish to go on: a person sees that and asks again.
  const resume = async (): Promise<void> => {
    await resumeOperation(as(), { operationId }).catch((error: unknown) => {
      expect(toFailure(error).code).toBe('conflict')
    })
  }
  const ended = async (): Promise<boolean> => {
    const state = (await readOperationView(ledger, operationId))?.operation.state
    if (!model.isCancelled && state === 'paused') await resume()
    return state !== undefined && isFinal(state)
  }
  await expect.poll(ended, { timeout: LIMIT_MS, interval: 100 }).toBe(true)
  const { operation, counts } = await waitForState(ledger, operationId, FINAL_STATES, LIMIT_MS)
  await expectInvariants(real)
  const left = copiesAt(place.source).map(bodyOf)
  if (operation.state === 'completed') {
    expect([counts.confirmed, left.length]).toEqual([MESSAGES, 0])
  } else {
    expect(model.isCancelled).toBe(true)
    expect(left.length).toBe(MESSAGES - counts.confirmed)
  }
  if (!model.hasGapInBatch) expectOrder(place)
}

/** The first copies of every key came in the order in which its messages lay. */
function expectOrder(place: MemoryPlace): void {
  const lastOf = new Map<string, number>()
  const seen = new Set<string>()
  for (const copy of copiesAt(place.origin)) {
    if (seen.has(bodyOf(copy))) continue
    seen.add(bodyOf(copy))
    const key = new TextDecoder().decode(copy.key ?? undefined)
    const at = Number(bodyOf(copy).split(' ')[1])
    expect(at).toBeGreaterThan(lastOf.get(key) ?? -1)
    lastOf.set(key, at)
  }
}

test(`${SCHEDULES} random schedules of wishes, crashes and lost answers keep every invariant (SCHEDULE_SEED=${SEED})`, async () => {
  const commands = fc.commands(
    [
      fc.constant(START),
      fc.constant(PAUSE),
      fc.constant(RESUME),
      fc.constant(CANCEL),
      fc.constant(CRASH),
      fc.constant(fault('unknown-after-append')),
      fc.constant(fault('unknown-without-append')),
      fc.integer({ min: 20, max: 150 }).map(tick),
    ],
    { maxCommands: 12 },
  )
  await fc.assert(
    fc.asyncProperty(commands, async (schedule) => {
      const place = await makePlace(MESSAGES, { keys: KEYS })
      const engine = startMortalEngine()
      const { operation } = await planAsPerson(database().database, { ...place, ratePerSecond: 120 })
      const model: Model = { isStarted: false, isCancelled: false, hasGapInBatch: false }
      const real: Real = { operationId: operation.id, manifestHash: operation.manifestHash ?? '', place, engine }
      try {
        // Most schedules are about what happens after the start.
        await fc.asyncModelRun(() => ({ model, real }), [START, ...schedule])
        await expectGoodEnd(model, real)
      } finally {
        await real.engine.stop()
      }
    }),
    { seed: SEED, numRuns: SCHEDULES, endOnFailure: true },
  )
}, 300_000)
