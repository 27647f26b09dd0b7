import type { TimelineRow, TimeShare } from '#domain/flow/flow.ts'

type ShareKind = TimeShare['kind']

/** Where two kinds overlap, the first one counts: work hides waiting, a planned wait hides a queue. */
const PRIORITY: readonly ShareKind[] = ['processing', 'back-off', 'queue', 'parked']

const KIND_OF_ROW: Readonly<Record<TimelineRow['kind'], ShareKind | null>> = {
  span: 'processing',
  queue: 'queue',
  'back-off': 'back-off',
  parked: 'parked',
  operation: null,
}

/**
 * Where the time of a flow went, as stretches in order of time that neither overlap nor leave a gap: every instant of
 * [startUs, endUs) belongs to exactly one kind, `idle` when nothing that we know of happened.
 */
export function shareTime(
  rows: readonly TimelineRow[],
  isWaiting: (row: TimelineRow) => boolean,
  startUs: number,
  endUs: number,
): readonly TimeShare[] {
  const edges: { readonly atUs: number; readonly kind: number; readonly change: 1 | -1 }[] = []
  for (const row of rows) {
    const kind = isWaiting(row) ? null : KIND_OF_ROW[row.kind]
    const fromUs = Math.max(row.startUs, startUs)
    const toUs = Math.min(row.startUs + row.durationUs, endUs)
    if (kind === null || toUs <= fromUs) continue
    const rank = PRIORITY.indexOf(kind)
    edges.push({ atUs: fromUs, kind: rank, change: 1 }, { atUs: toUs, kind: rank, change: -1 })
  }
  edges.sort((a, b) => a.atUs - b.atUs)
  const active = PRIORITY.map(() => 0)
  const shares: TimeShare[] = []
  let atUs = startUs
  for (const edge of edges) {
    addShare(shares, kindOf(active), atUs, edge.atUs)
    atUs = edge.atUs
    active[edge.kind] = (active[edge.kind] ?? 0) + edge.change
  }
  addShare(shares, 'idle', atUs, endUs)
  return shares
}

function kindOf(active: readonly number[]): ShareKind {
  return PRIORITY[active.findIndex((count) => count > 0)] ?? 'idle'
}

function addShare(shares: TimeShare[], kind: ShareKind, fromUs: number, toUs: number): void {
  if (toUs <= fromUs) return
  const last = shares.at(-1)
  if (last?.kind === kind) shares[shares.length - 1] = { ...last, durationUs: last.durationUs + toUs - fromUs }
  else shares.push({ kind, startUs: fromUs, durationUs: toUs - fromUs })
}
