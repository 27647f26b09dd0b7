import type { ResetTarget } from '#domain/reset/reset-plan.ts'

export const TARGET_CHIPS = [
  { id: 'earliest', label: 'Beginning' },
  { id: 'latest', label: 'End' },
  { id: 'time', label: 'Time' },
  { id: 'offset', label: 'Position' },
  { id: 'shift', label: 'Shift' },
] as const
export type TargetChip = (typeof TARGET_CHIPS)[number]['id']

export const isTargetChip = (text: string): text is TargetChip => TARGET_CHIPS.some(({ id }) => id === text)

/** How what belongs to the target is asked for; null where nothing does. */
export const TARGET_FIELDS: Readonly<
  Record<TargetChip, { readonly label: string; readonly hint: string; readonly type: 'datetime-local' | 'text' } | null>
> = {
  earliest: null,
  latest: null,
  time: {
    label: 'Messages from',
    hint: 'In your time zone. Each lane goes to its first message that is not older.',
    type: 'datetime-local',
  },
  offset: { label: 'Position', hint: 'The same on every chosen lane.', type: 'text' },
  shift: { label: 'By', hint: 'Positions forward; with a minus, back.', type: 'text' },
}

/** The target that was typed; null while it is none. */
export function readTarget(chip: TargetChip, text: string): ResetTarget | null {
  const figure = text.replaceAll(/[\s,_\u00a0]/g, '').replace('−', '-')
  switch (chip) {
    case 'earliest':
    case 'latest':
      return { kind: chip }
    case 'time': {
      const atMs = text === '' ? Number.NaN : new Date(text).getTime()
      return Number.isFinite(atMs) && atMs >= 0 ? { kind: 'time', atMs } : null
    }
    case 'offset':
      return /^\d{1,15}$/.test(figure) ? { kind: 'offset', offset: Number(figure) } : null
    case 'shift':
      return /^[+-]?\d{1,15}$/.test(figure) && Number(figure) !== 0 ? { kind: 'shift', by: Number(figure) } : null
  }
}
