import type { ClusterRow } from '#features/clusters/cluster-tone.ts'

type Capabilities = ClusterRow['capabilities']

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null)

/** What could not be read of a cluster at the last look, with the reason. */
export function readUnreadable(
  capabilities: Capabilities,
): readonly { readonly subject: string; readonly reason: string }[] {
  const said = capabilities['unreadable']
  if (!Array.isArray(said)) return []
  return said.flatMap((one: unknown) => {
    const subject = isRecord(one) ? textOf(one['subject']) : null
    return subject === null || !isRecord(one) ? [] : [{ subject, reason: textOf(one['reason']) ?? 'no reason given' }]
  })
}

/** How the age of the oldest unread message is known. */
const AGE_WORDS: Readonly<Record<string, string>> = {
  history: 'time behind from the history of positions',
  broker: 'time behind as the broker tells it',
}

/** Why positions of some groups cannot be set. */
export const NO_RESET = 'what is worked off is taken away, so there is no position to go back to'

export interface Ability {
  readonly name: string
  readonly isThere: boolean
  readonly explanation: string | null
}

/** What can be done on a cluster, from the facets of its adapter; empty before the broker has answered once. */
export function readAbilities(capabilities: Capabilities): readonly Ability[] {
  if (Object.keys(capabilities).length === 0) return []
  const { deadLetters, consumerControl } = capabilities
  const looking = isRecord(deadLetters) ? textOf(deadLetters['costOfLooking']) : null
  const age = textOf(capabilities['ageSource'])
  return [
    { name: 'Lag', isThere: true, explanation: age === null ? null : (AGE_WORDS[age] ?? null) },
    { name: 'Sending', isThere: true, explanation: textOf(capabilities['confirmContract']) },
    {
      name: 'Dead letters',
      isThere: isRecord(deadLetters),
      explanation: looking === null ? null : `cost of looking: ${looking}`,
    },
    {
      name: 'Removing dead letters',
      isThere: isRecord(deadLetters) && deadLetters['canRemove'] === true,
      explanation: null,
    },
    { name: 'Replay', isThere: capabilities['canReplay'] === true, explanation: null },
    { name: 'Schema registry', isThere: capabilities['canDecode'] === true, explanation: null },
    { name: 'Offsets', isThere: capabilities['canReadOffsets'] === true, explanation: null },
    {
      name: 'Resetting offsets',
      isThere: capabilities['canResetOffsets'] === true,
      explanation: capabilities['canResetOffsets'] === true ? 'of groups without members' : NO_RESET,
    },
    { name: 'Connectors', isThere: capabilities['hasConnectors'] === true, explanation: null },
    {
      name: 'Pausing consumers',
      isThere: isRecord(consumerControl),
      explanation: isRecord(consumerControl) ? textOf(consumerControl['explanation']) : null,
    },
  ]
}
