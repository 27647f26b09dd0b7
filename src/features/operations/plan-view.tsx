'use client'
import type { OperationKind } from '#domain/operation/operation-kind.ts'
import type { RedrivePlan } from '#domain/operation/redrive-plan.ts'
import { Fact, FactList } from '#ui/fact-list.tsx'
import { formatDuration } from '#ui/format/duration.ts'
import { formatBytes, formatCount, formatPlural } from '#ui/format/number.ts'
import { MomentText } from '#ui/moment-text.tsx'
import { Note } from '#ui/note.tsx'
import { StateMark } from '#ui/state-mark.tsx'
import { EditDiff } from '#features/operations/edit-diff.tsx'
import { PlanCheck as Check } from '#features/operations/plan-check.tsx'
import { SchemaChecks } from '#features/operations/schema-checks.tsx'
import { lagWordsOf } from '#features/consumers/lag-words.ts'

type Target = RedrivePlan['targets'][number]
type Reader = Target['otherReaders'][number]

interface PlanViewProps {
  readonly operationId: string
  readonly kind: OperationKind
  readonly plan: RedrivePlan
  readonly manifestHash: string | null
}

/** What the dry run found: where they go, who sees them, what stays behind, how long it takes. */
export function PlanView({ operationId, kind, plan, manifestHash }: PlanViewProps) {
  const isDiscard = kind === 'discard'
  const edit = plan.edit ?? null
  return (
    <div className="flex flex-col gap-3">
      <FactList>
        <Fact name="Selection">
          frozen at <MomentText atMs={plan.plannedAtMs} /> · {formatPlural(plan.selectedCount, 'message')}
          {kind === 'import' && ' of the file'}
          {manifestHash !== null && (
            <div className="font-mono text-sm text-ink-3" title={manifestHash}>
              manifest {manifestHash.slice(0, 8)}…{manifestHash.slice(-4)}
            </div>
          )}
        </Fact>
        <Fact name={isDiscard ? 'Discards' : 'Sends'}>
          <b>{formatPlural(plan.sendCount, 'message')}</b>{' '}
          <span className="text-ink-3">{formatBytes(plan.payloadBytes)}</span>
        </Fact>
        <Fact name="Takes">
          {plan.durationAtCapMs < 1_000 ? 'less than 1 s' : formatDuration(plan.durationAtCapMs)}{' '}
          <span className="text-ink-3">at the cap{isDiscard ? '' : ', without the wait for the canary'}</span>
        </Fact>
        {!isDiscard && plan.firstExpiryAtMs !== null && (
          <Fact name="First is lost">
            <MomentText atMs={plan.firstExpiryAtMs} as="distance" />
          </Fact>
        )}
        {!isDiscard && (
          <Fact name="Order">
            {formatPlural(plan.orderKeyCount, 'key')} <span className="text-ink-3">each in its old order</span>
          </Fact>
        )}
        {edit !== null && (
          <Fact name="Edit">
            changes {formatPlural(edit.changedCount, 'message')}{' '}
            {edit.unchangedCount > 0 && (
              <span className="text-ink-3">{formatCount(edit.unchangedCount)} stay as they are</span>
            )}
          </Fact>
        )}
        {isDiscard && <Fact name="“Discarded” means">{plan.confirmContract}</Fact>}
      </FactList>
      {plan.targets.map((target) => (
        <TargetNote key={target.destination} target={target} isFirstTime={kind === 'import'} />
      ))}
      {kind === 'redrive' && <Checks plan={plan} />}
      {kind === 'import' && <ImportChecks plan={plan} />}
      <Warnings warnings={plan.warnings} />
      {edit !== null && <EditDiff operationId={operationId} />}
      {!isDiscard && (
        <p className="text-sm text-ink-3">
          <b>“Sent” means:</b> {plan.confirmContract}
        </p>
      )}
    </div>
  )
}

/** Everything that gives cause to think, in one place. */
function Warnings({ warnings }: { readonly warnings: readonly string[] }) {
  if (warnings.length === 0) return null
  return (
    <Note tone="warn" title="To weigh before it starts">
      <ul className="flex flex-col gap-1.5">
        {warnings.map((warning) => (
          <li key={warning}>{warning}</li>
        ))}
      </ul>
    </Note>
  )
}

interface TargetNoteProps {
  readonly target: Target
  /** The messages come from a file: whether anybody has seen them before is not known. */
  readonly isFirstTime: boolean
}

function TargetNote({ target, isFirstTime }: TargetNoteProps) {
  const isShared = target.otherReaders.length > 0
  const isWarning = isShared && !isFirstTime
  return (
    <Note
      tone={isWarning ? 'warn' : 'unknown'}
      title={
        <>
          {formatPlural(target.count, 'message')} to {target.destination}
        </>
      }
    >
      <Readers label="Failed on them and gets them back" readers={target.failedGroups} />
      <Readers
        label={
          isFirstTime
            ? 'Will see them'
            : target.failedGroups.length === 0
              ? 'Will see the copies'
              : 'Will see them a second time'
        }
        readers={target.otherReaders}
      />
      {target.failedGroups.length === 0 && !isShared && 'No consumer group is known there: nobody may be listening.'}
    </Note>
  )
}

function Readers({ label, readers }: { readonly label: string; readonly readers: readonly Reader[] }) {
  if (readers.length === 0) return null
  return (
    <div className="mt-1">
      <div>{label}:</div>
      <ul>
        {readers.map((reader) => {
          const words = lagWordsOf(reader.state)
          return (
            <li key={reader.group} className="flex flex-wrap items-center gap-x-2">
              <b className="text-ink">{reader.group}</b>
              {words === null ? (
                <StateMark tone="unknown" isQuiet>
                  never polled
                </StateMark>
              ) : (
                <StateMark tone={words.tone} isQuiet title={reader.sentence ?? undefined}>
                  {words.word}
                </StateMark>
              )}
              {reader.lagMessages !== null && <span>lag {formatCount(reader.lagMessages)}</span>}
              {reader.lagEffect !== undefined && <span className="text-ink-2">{reader.lagEffect}</span>}
            </li>
          )
        })}
      </ul>
    </div>
  )
}

function Checks({ plan }: { readonly plan: RedrivePlan }) {
  return (
    <ul className="flex flex-col gap-1.5 rounded-md border border-line-soft bg-sunken px-3 py-2.5">
      <Check isFine={plan.redrivenBeforeCount === 0} name="No loop">
        {plan.redrivenBeforeCount === 0
          ? 'none was redriven before'
          : `${formatPlural(plan.redrivenBeforeCount, 'message')} came back from a redrive already`}
      </Check>
      <Overtaken overtaken={plan.overtaken} />
      <SchemaChecks schemas={plan.schemas} />
      <Check isFine={plan.quarantinedCount === 0} name="Quarantine">
        {plan.quarantinedCount === 0
          ? 'none came back too often'
          : `${formatPlural(plan.quarantinedCount, 'message')} came back too often and stay`}
      </Check>
      <ExclusionChecks plan={plan} />
      {plan.cutPayloadCount > 0 && (
        <Check isFine name="Long payloads">
          {formatPlural(plan.cutPayloadCount, 'message')} shown in part here are sent whole
        </Check>
      )}
    </ul>
  )
}

/** Of a file nobody knows what it has been through: what fits, and what is left out. */
function ImportChecks({ plan }: { readonly plan: RedrivePlan }) {
  const isJudged = plan.schemas !== null && plan.schemas !== undefined
  if (!isJudged && plan.exclusions.length === 0) return null
  return (
    <ul className="flex flex-col gap-1.5 rounded-md border border-line-soft bg-sunken px-3 py-2.5">
      <SchemaChecks schemas={plan.schemas} />
      <ExclusionChecks plan={plan} />
    </ul>
  )
}

const ExclusionChecks = ({ plan }: { readonly plan: RedrivePlan }) =>
  plan.exclusions.map((exclusion) => (
    <Check key={exclusion.reason} isFine={false} name={exclusion.state === 'skipped' ? 'Skipped' : 'Quarantined'}>
      {formatPlural(exclusion.count, 'message')}: {exclusion.reason}
    </Check>
  ))

/** Whether the copies come after newer messages of their keys; not said by plans that did not look. */
function Overtaken({ overtaken }: { readonly overtaken: RedrivePlan['overtaken'] | undefined }) {
  if (overtaken === undefined) return null
  if (overtaken === null) {
    return (
      <Check isFine name="Order">
        whether newer messages of their keys were processed cannot be known here
      </Check>
    )
  }
  const { overtakenCount, keyCount, isComplete } = overtaken
  return (
    <Check isFine={overtakenCount === 0 && isComplete} name="Order">
      {isComplete ? '' : 'at least '}
      {formatCount(overtakenCount)} of {formatPlural(keyCount, 'key')} had newer messages processed
    </Check>
  )
}
