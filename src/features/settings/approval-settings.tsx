'use client'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import type { RouterOutputs } from '#trpc/router-types.ts'
import { useTRPC } from '#trpc/use-trpc.ts'
import { Button } from '#ui/button.tsx'
import { Card } from '#ui/card.tsx'
import { TextField } from '#ui/field.tsx'
import { MomentText } from '#ui/moment-text.tsx'
import { SkeletonRows } from '#ui/skeleton.tsx'
import { FailureNote } from '#features/failure/failure-note.tsx'
import { Fetched } from '#features/failure/fetched.tsx'
import { useMay } from '#features/session/person-context.ts'

type ApprovalSetting = RouterOutputs['setting']['approvalRule']
type Figures = Readonly<Record<keyof ApprovalSetting['rule'], string>>

/** From how many messages on a second person has to agree. */
export function ApprovalSettings() {
  const trpc = useTRPC()
  const setting = useQuery(trpc.setting.approvalRule.queryOptions())
  return (
    <Card title="A second person" note="for redrives, discards and imports">
      <Fetched query={setting} skeleton={<SkeletonRows count={3} label="the rule" />}>
        {(found) => <RuleForm key={found.changed?.atMs ?? 0} setting={found} />}
      </Fetched>
    </Card>
  )
}

const FIELDS = [
  {
    id: 'productionCount',
    label: 'In production, messages that one person may send alone',
    hint: 'Clusters whose environment begins with prod or live.',
    least: 0,
    most: 1_000_000,
  },
  { id: 'otherCount', label: 'Elsewhere', hint: 'Every other environment.', least: 0, most: 1_000_000 },
  {
    id: 'validHours',
    label: 'An approval holds for, hours',
    hint: 'Then somebody has to look again.',
    least: 1,
    most: 720,
  },
] as const

const problemOf = (text: string, { least, most }: (typeof FIELDS)[number]): string | null =>
  /^\d{1,7}$/.test(text.trim()) && Number(text) >= least && Number(text) <= most
    ? null
    : `A whole number from ${least} to ${most.toLocaleString('en-GB')}.`

function RuleForm({ setting: { rule, changed } }: { readonly setting: ApprovalSetting }) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const mayChange = useMay('setting:manage')
  const [figures, setFigures] = useState<Figures>({
    productionCount: String(rule.productionCount),
    otherCount: String(rule.otherCount),
    validHours: String(rule.validHours),
  })
  const save = useMutation(
    trpc.setting.setApprovalRule.mutationOptions({
      onSuccess: () => queryClient.invalidateQueries({ queryKey: trpc.setting.pathKey() }),
    }),
  )
  const isFit = FIELDS.every((field) => problemOf(figures[field.id], field) === null)
  const isChanged = FIELDS.some(({ id }) => Number(figures[id]) !== rule[id])
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!isFit || !isChanged) return
    save.mutate({
      productionCount: Number(figures.productionCount),
      otherCount: Number(figures.otherCount),
      validHours: Number(figures.validHours),
    })
  }
  return (
    <form onSubmit={submit} className="flex max-w-xl flex-col gap-3">
      <p className="text-ink-2">
        Larger plans start only after somebody else with the approver role has agreed to exactly this plan. An approval
        is signed; a plan that changes has none.
      </p>
      {FIELDS.map((field) => (
        <TextField
          key={field.id}
          label={field.label}
          inputMode="numeric"
          className="sm:max-w-96"
          value={figures[field.id]}
          disabled={!mayChange}
          hint={field.hint}
          problem={problemOf(figures[field.id], field)}
          onChange={(event) => setFigures({ ...figures, [field.id]: event.target.value })}
        />
      ))}
      {save.error !== null && <FailureNote error={save.error} />}
      <div className="flex flex-wrap items-center gap-3">
        {mayChange && (
          <Button type="submit" kind="primary" isBusy={save.isPending} disabled={!isFit || !isChanged}>
            Save
          </Button>
        )}
        <span className="text-sm text-ink-3">
          {changed === null ? (
            'As it comes: nobody has changed it.'
          ) : (
            <>
              Changed by {changed.byName}, <MomentText atMs={changed.atMs} />
            </>
          )}
        </span>
      </div>
    </form>
  )
}
