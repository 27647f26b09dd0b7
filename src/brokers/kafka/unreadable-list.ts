import type { Unreadable } from '#brokers/broker.ts'

const NAMES_SHOWN = 3

/** Collects what could not be read: one entry per kind of thing and reason, so that 10,000 refusals stay one line. */
export interface UnreadableList {
  add(kind: string, name: string, reason: string): void
  entries(): Unreadable[]
}

export function createUnreadableList(): UnreadableList {
  const names = new Map<string, { kind: string; reason: string; names: Set<string> }>()
  return {
    add(kind, name, reason) {
      const key = `${kind} ${reason}`
      const entry = names.get(key) ?? { kind, reason, names: new Set<string>() }
      names.set(key, entry)
      entry.names.add(name)
    },
    entries: () =>
      [...names.values()].map((entry) => {
        const shown = [...entry.names].slice(0, NAMES_SHOWN).join(', ')
        const more = entry.names.size - NAMES_SHOWN
        return { subject: `${entry.kind} ${shown}${more > 0 ? ` and ${more} more` : ''}`, reason: entry.reason }
      }),
  }
}
