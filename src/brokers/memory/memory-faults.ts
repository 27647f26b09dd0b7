import type { OutgoingMessage, SendResult } from '#brokers/broker.ts'
import { Failure } from '#domain/failure.ts'

/** What a send of the memory adapter may suffer, for tests of what stands above it. */
export type MemoryFault =
  | { readonly kind: 'refuse'; readonly retryable: boolean }
  /** The append happened, its confirmation got lost. */
  | { readonly kind: 'unknown-after-append' }
  /** Nothing was appended, and the sender cannot know. */
  | { readonly kind: 'unknown-without-append' }
  | { readonly kind: 'delay'; readonly delayMs: number }

export interface MemoryFaultRule {
  readonly fault: MemoryFault
  readonly when?: (message: OutgoingMessage) => boolean
  /** How often it strikes; absent = always. */
  readonly times?: number
}

export interface MemoryFaults {
  inject(rule: MemoryFaultRule): void
  clear(): void
  next(message: OutgoingMessage): MemoryFault | null
}

export function createMemoryFaults(): MemoryFaults {
  let rules: { rule: MemoryFaultRule; left: number }[] = []
  return {
    inject: (rule) => void rules.push({ rule, left: rule.times ?? Infinity }),
    clear: () => void (rules = []),
    next(message) {
      const hit = rules.find((one) => one.left > 0 && (one.rule.when?.(message) ?? true))
      if (hit === undefined) return null
      hit.left -= 1
      return hit.rule.fault
    },
  }
}

/** Sends one message under a fault. */
export async function sendUnderFault(fault: MemoryFault | null, append: () => SendResult): Promise<SendResult> {
  switch (fault?.kind) {
    case undefined:
      return append()
    case 'delay':
      await new Promise((resolve) => setTimeout(resolve, fault.delayMs))
      return append()
    case 'refuse':
      return {
        outcome: 'refused',
        failure: new Failure(fault.retryable ? 'broker-unavailable' : 'invalid', 'an injected refusal', {
          retryable: fault.retryable,
        }),
      }
    case 'unknown-after-append':
      append()
      return { outcome: 'unknown', failure: new Failure('outcome-unknown', 'an injected loss of the confirmation') }
    case 'unknown-without-append':
      return { outcome: 'unknown', failure: new Failure('outcome-unknown', 'an injected loss of the message') }
  }
}
