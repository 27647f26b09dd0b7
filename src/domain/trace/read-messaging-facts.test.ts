import { expect, test } from 'vitest'
import { type AttributeSlots, SLOT_COUNT, slotOfKey } from '#domain/trace/attribute-slots.ts'
import { KAFKA_DIALECTS } from '#domain/trace/kafka-dialects.ts'
import { CLOUD_DIALECTS } from '#domain/trace/cloud-dialects.ts'
import { MESSAGING_DIALECTS } from '#domain/trace/messaging-dialects.ts'
import { readMessagingFacts } from '#domain/trace/read-messaging-facts.ts'
import { testFacts } from '#domain/trace/test-span.ts'

/** Slots as a decoder fills them: everything as text. */
function slotsFrom(attributes: Readonly<Record<string, string | number>>): AttributeSlots {
  const slots: (string | null)[] = Array.from({ length: SLOT_COUNT }, () => null)
  for (const [key, value] of Object.entries(attributes)) {
    const slot = slotOfKey(key)
    if (slot >= 0) slots[slot] = String(value)
  }
  return slots
}

const SILENT = testFacts({ system: '' })

test.each([...CLOUD_DIALECTS, ...KAFKA_DIALECTS, ...MESSAGING_DIALECTS])(
  '$dialect',
  ({ span, kind, attributes, says }) => {
    const facts = readMessagingFacts(slotsFrom(attributes), span, kind)
    expect(facts).toEqual(says === null ? null : { ...SILENT, ...says })
  },
)
