'use client'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { CorrelationRule } from '#domain/trace/correlation-rule.ts'
import { useTRPC } from '#trpc/use-trpc.ts'
import { Button } from '#ui/button.tsx'
import { ReasonDialog } from '#ui/confirm/reason-dialog.tsx'
import { Note } from '#ui/note.tsx'
import { SidePanel } from '#ui/side-panel.tsx'
import { FailureNote } from '#features/failure/failure-note.tsx'
import { useMay } from '#features/session/person-context.ts'
import type { Rule } from '#features/settings/correlation-settings.tsx'
import { draftOf, EMPTY_DRAFT, readDraft } from '#features/settings/rule-draft.ts'
import { RuleForm } from '#features/settings/rule-form.tsx'
import { RulePreview } from '#features/settings/rule-preview.tsx'

interface RulePanelProps {
  /** null = a new one. */
  readonly rule: Rule | null
  readonly onClose: () => void
}

type Verb = 'save' | 'remove'

/** One rule: what it says, what it would make of recent messages, and its acts. */
export function RulePanel({ rule, onClose }: RulePanelProps) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const mayChange = useMay('setting:manage')
  const [draft, setDraft] = useState(() => (rule === null ? EMPTY_DRAFT : draftOf(rule)))
  const [tried, setTried] = useState<CorrelationRule | null>(null)
  const [isChecked, setIsChecked] = useState(rule !== null)
  const [verb, setVerb] = useState<Verb | null>(null)
  const options = {
    onSuccess: async () => {
      onClose()
      await queryClient.invalidateQueries({ queryKey: trpc.correlation.pathKey() })
    },
  }
  const save = useMutation(trpc.correlation.save.mutationOptions(options))
  const remove = useMutation(trpc.correlation.remove.mutationOptions(options))
  const read = readDraft(draft)
  const withRule = (act: (valid: CorrelationRule) => void) => () => {
    setIsChecked(true)
    if (read.rule !== null) act(read.rule)
  }
  const attempt = (valid: CorrelationRule) => {
    setTried(valid)
    // Messages have come in since the same draft was tried.
    void queryClient.invalidateQueries({ queryKey: trpc.correlation.preview.pathKey() })
  }
  const isTriedAsItStands = tried !== null && JSON.stringify(tried) === JSON.stringify(read.rule)
  const open = (next: Verb) => {
    save.reset()
    remove.reset()
    setVerb(next)
  }
  return (
    <SidePanel
      isOpen
      onClose={onClose}
      title={rule === null ? 'New correlation rule' : rule.destination}
      footer={
        mayChange && (
          <div className="flex flex-wrap gap-2">
            <Button onClick={withRule(attempt)}>Try on recent messages</Button>
            <Button kind="primary" onClick={withRule(() => open('save'))}>
              Save…
            </Button>
            {rule !== null && (
              <Button kind="danger" className="ml-auto" onClick={() => open('remove')}>
                Remove…
              </Button>
            )}
          </div>
        )
      }
    >
      <RuleForm draft={draft} problems={isChecked ? read.problems : null} isLocked={!mayChange} onChange={setDraft} />
      {tried !== null && (
        <div className="mt-5">
          {!isTriedAsItStands && (
            <div className="mb-3">
              <Note tone="unknown">The draft has changed since this was tried.</Note>
            </div>
          )}
          <RulePreview
            ruleId={rule?.id ?? null}
            rule={tried}
            onAddName={(name) =>
              setDraft({ ...draft, takes: 'names', names: `${draft.names.trimEnd()}\n${name}`.trimStart() })
            }
          />
        </div>
      )}
      {verb === 'save' && read.rule !== null && (
        <ReasonDialog
          title={rule === null ? 'Make this rule' : 'Change this rule'}
          consequence={consequenceOf(read.rule, isTriedAsItStands)}
          act="Save"
          kind="primary"
          isReasonNeeded
          isBusy={save.isPending}
          problem={save.error === null ? null : <FailureNote error={save.error} />}
          onClose={() => setVerb(null)}
          onConfirm={(reason) =>
            read.rule !== null &&
            save.mutate({ ruleId: rule?.id ?? null, rule: { ...read.rule, names: [...read.rule.names] }, reason })
          }
        />
      )}
      {verb === 'remove' && rule !== null && (
        <ReasonDialog
          title="Remove this rule"
          consequence={`Messages of ${rule.destination} that come in from then on get their ids from the next rule that is for them, or by the conventions. What is stored keeps its ids.`}
          act="Remove"
          kind="danger"
          isReasonNeeded
          isBusy={remove.isPending}
          problem={remove.error === null ? null : <FailureNote error={remove.error} />}
          onClose={() => setVerb(null)}
          onConfirm={(reason) => remove.mutate({ ruleId: rule.id, reason })}
        />
      )}
    </SidePanel>
  )
}

function consequenceOf({ destination, system, names }: CorrelationRule, isTried: boolean): string {
  const whose = `Messages of ${destination} ${system === null ? 'of any system' : `of ${system}`} that come in from now on`
  const what =
    names.length === 0
      ? 'give no correlation id any more'
      : `get their correlation id from ${names.join(', else ')}, else by the conventions`
  return `${whose} ${what}. What is stored keeps its ids.${isTried ? '' : ' It has not been tried on recent messages.'}`
}
