import type { Hop } from '#domain/flow/flow.ts'
import { printPosition } from '#domain/position.ts'

/** Where a hop's message can be read again: its lane and place, or its job id; null when nobody says where it is. */
export function livePosition({ system, partition, offset, messageId }: Hop): string | null {
  if (offset !== null) return printPosition({ lane: partition ?? '', sequence: offset })
  return system === 'pg-boss' && messageId !== null ? printPosition({ lane: '', sequence: messageId }) : null
}
