import type { OperationIntent, OperationState } from '#domain/operation/operation-state.ts'

export interface StepFacts {
  readonly state: OperationState
  readonly intent: OperationIntent
  readonly canarySize: number
  readonly isCanarySettled: boolean
}

export type EngineStep =
  | { readonly step: 'plan' }
  | { readonly step: 'move'; readonly to: OperationState }
  /** Sends the first few and waits for what becomes of them. */
  | { readonly step: 'send-canary' }
  | { readonly step: 'send-rest' }
  /** Sees through what was begun, then ends. */
  | { readonly step: 'wind-up' }
  | { readonly step: 'rest' }

/** What the engine does next for an operation: a person's wish comes before the work. */
export function decideStep(facts: StepFacts): EngineStep {
  switch (facts.state) {
    case 'planning':
      return { step: 'plan' }
    case 'queued':
    case 'paused':
      if (facts.intent === 'cancel') return { step: 'wind-up' }
      if (facts.intent === 'run') return { step: 'move', to: sendingState(facts) }
      return facts.state === 'queued' ? { step: 'move', to: 'paused' } : { step: 'rest' }
    case 'canary':
    case 'running':
      if (facts.intent === 'cancel') return { step: 'wind-up' }
      if (facts.intent === 'pause') return { step: 'move', to: 'paused' }
      return { step: facts.state === 'canary' ? 'send-canary' : 'send-rest' }
    case 'planned':
    case 'completed':
    case 'partial':
    case 'cancelled':
    case 'failed':
      return { step: 'rest' }
  }
}

const sendingState = (facts: StepFacts): OperationState =>
  facts.canarySize > 0 && !facts.isCanarySettled ? 'canary' : 'running'
