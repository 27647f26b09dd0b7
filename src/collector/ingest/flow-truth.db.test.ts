import { describe, expect, test } from 'vitest'
import { judgeCapture } from '../../../bench/flow-truth/judge-capture.ts'
import { useTestDatabase } from '#db/test-database.ts'

/**
 * What the captures allow to know: deliveries joined of those that happened, all of them in the flow that the order opens,
 * orders that are one flow, and facts that are told wrongly (a handler that swallows its failure, or
 * starts its work late).
 */
const FLOORS: Readonly<Record<string, Floor>> = {
  'go-a-franz-default': { joined: 57, of: 57, whole: 30 },
  'go-b-sarama-default': { joined: 57, of: 57, whole: 30 },
  'java-a-kafka-default': { joined: 57, of: 57, whole: 30 },
  'java-a-kafka-stable': { joined: 57, of: 57, whole: 30 },
  'java-b-springkafka-default': { joined: 480, of: 480, whole: 200, wrongDwell: 9 },
  'java-c-springamqp-stable': { joined: 60, of: 60, whole: 30, wrongDwell: 1 },
  'java-d-sqs-stable': { joined: 66, of: 66, whole: 30 },
  'node-amqplib': { joined: 94, of: 94, whole: 30 },
  // The envelope of SNS hides the context from one of two consumers, so no order is known to its end.
  'node-aws': { joined: 64, of: 94, whole: 0, named: 18, wrongDwell: 1 },
  'node-cloudevents': { joined: 57, of: 57, whole: 30 },
  'node-kafkajs': { joined: 58, of: 58, whole: 30, wrongDwell: 1 },
  'python-agents-default': { joined: 122, of: 122, whole: 30, wrongOutcome: 3, wrongDwell: 1 },
  'python-celery-redis': { joined: 63, of: 63, whole: 30 },
  'python-confluent': { joined: 58, of: 58, whole: 30, wrongDwell: 1 },
}

/** What cannot be told has its reason on the flow. */
const SAID = 'the span that took it names no message, and the flow says so'

interface Floor {
  readonly joined: number
  readonly of: number
  readonly whole: number
  /** Orders that a name opens which a person knows; all of them unless said otherwise. */
  readonly named?: number
  readonly wrongOutcome?: number
  readonly wrongDwell?: number
}

describe.each(Object.entries(FLOORS))('%s', (scenario, floor) => {
  const database = useTestDatabase()

  test('shows each order as it was: every delivery that the spans tell of, none that was not, every dead letter', async () => {
    const judged = await judgeCapture(scenario, database())
    expect(judged.falseJoins).toEqual([])
    expect(judged.deliveries).toBe(floor.of)
    expect(judged.joined, judged.notes.join('\n')).toBeGreaterThanOrEqual(floor.joined)
    expect(judged.wholeOrders).toBeGreaterThanOrEqual(floor.whole)
    expect(judged.apart).toBe(0)
    expect(judged.ordersFoundByName).toBeGreaterThanOrEqual(floor.named ?? judged.orders)
    expect(Object.keys(judged.unknown)).toEqual(floor.joined === floor.of ? [] : [SAID])
    expect(judged.deadLettersFound).toBe(judged.deadLetters)
    expect(judged.facts.group.wrong).toBe(0)
    expect(judged.facts.attempt.wrong).toBe(0)
    expect(judged.facts.outcome.wrong, judged.notes.join('\n')).toBeLessThanOrEqual(floor.wrongOutcome ?? 0)
    expect(judged.facts.dwell.wrong, judged.notes.join('\n')).toBeLessThanOrEqual(floor.wrongDwell ?? 0)
  }, 240_000)
})
