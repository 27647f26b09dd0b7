import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decideStep, type StepFacts } from '#domain/operation/next-step.ts'
import {
  canTransition,
  OPERATION_STATES,
  type OperationIntent,
  type OperationState,
} from '#domain/operation/operation-state.ts'

type Event = 'pause' | 'resume' | 'cancel' | 'engine' | 'crash' | 'bad-canary' | 'breaker'

interface Model {
  readonly facts: StepFacts
  readonly sent: number
  readonly hasMovedBadly: boolean
}

const SIZE = 5

/** The engine and its people in miniature: every engine turn makes one step and sends at most one message. */
function turn(model: Model, event: Event): Model {
  const { facts } = model
  const wish = (intent: OperationIntent): Model =>
    facts.intent === 'cancel' ? model : { ...model, facts: { ...facts, intent } }
  const move = (to: OperationState, more: Partial<StepFacts> = {}): Model => ({
    ...model,
    facts: { ...facts, ...more, state: to },
    hasMovedBadly: model.hasMovedBadly || !canTransition(facts.state, to),
  })
  if (event === 'pause') return wish('pause')
  if (event === 'resume') return wish('run')
  if (event === 'cancel') return wish('cancel')
  if (event === 'crash') return model
  const next = decideStep(facts)
  switch (next.step) {
    case 'rest':
      return model
    case 'plan':
      return move('planned')
    case 'move':
      return move(next.to)
    case 'wind-up':
      return move('cancelled')
    case 'send-canary':
      if (event === 'bad-canary') return move('paused', { intent: 'pause', isCanarySettled: true })
      return model.sent < facts.canarySize
        ? { ...model, sent: model.sent + 1 }
        : move('running', { isCanarySettled: true })
    case 'send-rest':
      if (event === 'breaker') return move('paused', { intent: 'pause' })
      return model.sent < SIZE ? { ...model, sent: model.sent + 1 } : move('completed')
  }
}

const event = fc.constantFrom<Event>(
  'pause',
  'resume',
  'cancel',
  'engine',
  'engine',
  'engine',
  'crash',
  'bad-canary',
  'breaker',
)
const begin = (canarySize: number): Model => ({
  facts: { state: 'queued', intent: 'run', canarySize, isCanarySettled: false },
  sent: 0,
  hasMovedBadly: false,
})

test('in no schedule of wishes, crashes and stops does the engine make a move that the state machine lacks', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4 }), fc.array(event, { maxLength: 60 }), (canarySize, schedule) => {
      const end = schedule.reduce(turn, begin(canarySize))
      return !end.hasMovedBadly && end.sent <= SIZE
    }),
    { numRuns: 10_000 },
  )
})

test('whatever has happened, an operation that is let run comes to an end, and a cancelled one sends nothing more', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4 }), fc.array(event, { maxLength: 40 }), (canarySize, schedule) => {
      const before = schedule.reduce(turn, begin(canarySize))
      const left = Array<Event>(20).fill('engine')
      const isCancelled = before.facts.intent === 'cancel'
      const end = [...(isCancelled ? [] : (['resume'] as const)), ...left].reduce(turn, before)
      return isCancelled
        ? end.sent === before.sent && (end.facts.state === 'cancelled' || end.facts.state === 'completed')
        : end.facts.state === 'completed' && end.sent === SIZE
    }),
    { numRuns: 10_000 },
  )
})

test('without a wish to run nothing is sent in any state', () => {
  for (const state of OPERATION_STATES) {
    for (const intent of ['pause', 'cancel'] as const) {
      const { step } = decideStep({ state, intent, canarySize: 1, isCanarySettled: false })
      expect(['send-canary', 'send-rest']).not.toContain(step)
    }
  }
})
