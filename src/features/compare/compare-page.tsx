'use client'
import { useQuery } from '@tanstack/react-query'
import { parseAsString, useQueryStates } from 'nuqs'
import { useMemo } from 'react'
import { type ComparisonSide, parseComparisonSide, writeComparisonSide } from '#domain/comparison/comparison-side.ts'
import { useTRPC } from '#trpc/use-trpc.ts'
import { Card } from '#ui/card.tsx'
import { formatPlural } from '#ui/format/number.ts'
import { PageHead } from '#ui/page-head.tsx'
import { SkeletonRows } from '#ui/skeleton.tsx'
import { ListTable } from '#ui/table/list-table.tsx'
import { TextLink } from '#ui/text-link.tsx'
import { Fetched } from '#features/failure/fetched.tsx'
import { type Comparison, sideTitle } from '#features/compare/compare-words.ts'
import { FlowPicker } from '#features/compare/flow-picker.tsx'
import { SideForm } from '#features/compare/side-form.tsx'
import { SideSummary, totalOf } from '#features/compare/side-summary.tsx'
import { stepColumns } from '#features/compare/step-columns.tsx'

const parse = (text: string | null): ComparisonSide | null => (text === null ? null : parseComparisonSide(text))

/** Two flows, or two sets of flows, laid over each other. */
export function ComparePage() {
  const [view, setView] = useQueryStates({ left: parseAsString, right: parseAsString }, { history: 'push' })
  const [left, right] = [parse(view.left), parse(view.right)]
  const compare = (nextLeft: ComparisonSide, nextRight: ComparisonSide | null) =>
    void setView({
      left: writeComparisonSide(nextLeft),
      right: nextRight === null ? null : writeComparisonSide(nextRight),
    })
  return (
    <>
      <PageHead
        trail={
          <>
            <TextLink href="/flows">Flows</TextLink> /
          </>
        }
        title="Compare"
        sentence="Which way messages went, and how long they took at each step, side by side."
      />
      <div className="mb-3">
        <SideForm key={`${view.left} ${view.right}`} left={left} right={right} onCompare={compare} />
      </div>
      {left !== null && right !== null ? (
        <Compared left={left} right={right} />
      ) : (
        <FlowPicker
          leftKey={left?.kind === 'flow' ? left.flowKey : null}
          onPick={(flowKey) =>
            left === null ? compare({ kind: 'flow', flowKey }, null) : compare(left, { kind: 'flow', flowKey })
          }
        />
      )}
    </>
  )
}

function Compared({ left, right }: { readonly left: ComparisonSide; readonly right: ComparisonSide }) {
  const trpc = useTRPC()
  const comparison = useQuery(
    trpc.comparison.get.queryOptions({ left: writeComparisonSide(left), right: writeComparisonSide(right) }),
  )
  return (
    <Fetched
      query={comparison}
      skeleton={
        <Card isFlush>
          <SkeletonRows count={8} label="the comparison" />
        </Card>
      }
    >
      {(found) => (
        <Sides found={found} leftTitle={sideTitle(left, found.nowMs)} rightTitle={sideTitle(right, found.nowMs)} />
      )}
    </Fetched>
  )
}

interface SidesProps {
  readonly found: Comparison
  readonly leftTitle: string
  readonly rightTitle: string
}

function Sides({ found, leftTitle, rightTitle }: SidesProps) {
  const isCohort = found.left.flowCount > 1 || found.right.flowCount > 1
  const columns = useMemo(() => stepColumns(isCohort), [isCohort])
  const longestUs = Math.max(totalOf(found.left), totalOf(found.right))
  const differingCount = found.steps.filter(({ differences }) => differences.length > 0).length
  return (
    <div className="flex flex-col gap-3">
      <Card>
        <div className="flex flex-col gap-4">
          <SideSummary name="Left" title={leftTitle} figures={found.left} size={found.leftSize} longestUs={longestUs} />
          <SideSummary
            name="Right"
            title={rightTitle}
            figures={found.right}
            size={found.rightSize}
            longestUs={longestUs}
          />
        </div>
      </Card>
      <Card
        isFlush
        title="Path"
        note={
          differingCount === 0
            ? 'alike at every step'
            : `${differingCount} of ${formatPlural(found.steps.length, 'step')} differ`
        }
      >
        <ListTable
          label="Steps of the path on both sides"
          columns={columns}
          rows={found.steps}
          rowId={({ key }) => key}
        />
      </Card>
    </div>
  )
}
