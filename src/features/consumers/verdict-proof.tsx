'use client'
import { formatClock } from '#ui/format/moment.ts'
import { formatCount } from '#ui/format/number.ts'
import type { ListColumn } from '#ui/table/list-column.ts'
import { ListTable } from '#ui/table/list-table.tsx'
import type { ConsumerDetail } from '#features/consumers/consumer-page.tsx'

type Proof = ConsumerDetail['proofs'][number]['proof'][number]

const figure = (value: number | null) => <span className="font-mono text-sm">{formatCount(value)}</span>

const COLUMNS: readonly ListColumn<Proof>[] = [
  { id: 'at', header: 'Read at', cell: (sample) => formatClock(sample.atMs) },
  { id: 'lane', header: 'Lane', cell: (sample) => <span className="font-mono text-sm">{sample.lane || '—'}</span> },
  { id: 'committed', header: 'Committed', isNumeric: true, cell: (sample) => figure(sample.committed) },
  { id: 'end', header: 'End', isNumeric: true, cell: (sample) => figure(sample.end) },
  { id: 'lag', header: 'Lag', isNumeric: true, cell: (sample) => formatCount(sample.lagMessages) },
]

/** The readings from which the verdict follows: of the lane that decided, newest first. */
export function VerdictProof({ proof, label }: { readonly proof: readonly Proof[]; readonly label: string }) {
  return <ListTable label={label} columns={COLUMNS} rows={proof} rowId={(sample) => `${sample.lane} ${sample.atMs}`} />
}
