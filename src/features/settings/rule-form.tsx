'use client'
import { TextAreaField, TextField } from '#ui/field.tsx'
import { FilterChips } from '#ui/filter-chips.tsx'
import type { DraftField, RuleDraft } from '#features/settings/rule-draft.ts'

interface RuleFormProps {
  readonly draft: RuleDraft
  readonly problems: Readonly<Partial<Record<DraftField, string>>> | null
  /** Only to be read. */
  readonly isLocked: boolean
  readonly onChange: (draft: RuleDraft) => void
}

/** For which messages, and where their correlation id stands. */
export function RuleForm({ draft, problems, isLocked, onChange }: RuleFormProps) {
  const field = (name: DraftField) => ({
    value: draft[name],
    problem: problems?.[name],
    readOnly: isLocked,
    spellCheck: false,
    autoComplete: 'off',
  })
  return (
    <div className="flex flex-col gap-3">
      <TextField
        {...field('destination')}
        label="Destination"
        placeholder="orders.*"
        className="[&_input]:font-mono [&_input]:text-sm"
        hint="A topic, queue or exchange as spans name it; * stands for any characters. RabbitMQ’s senders name the exchange, its consumers the queue: a rule for each."
        onChange={(event) => onChange({ ...draft, destination: event.target.value })}
      />
      <TextField
        {...field('system')}
        label="System, if only one"
        placeholder="any"
        className="[&_input]:font-mono [&_input]:text-sm"
        hint="As spans name it: kafka, rabbitmq, aws_sqs, gcp_pubsub, pg-boss."
        onChange={(event) => onChange({ ...draft, system: event.target.value })}
      />
      <div>
        <div className="mb-1 text-sm text-ink-2">The correlation id stands</div>
        {isLocked ? (
          <p>{TAKES[draft.takes]}</p>
        ) : (
          <FilterChips
            label="Where the correlation id stands"
            chips={CHIPS}
            value={draft.takes}
            onChange={(id) => onChange({ ...draft, takes: id === 'nothing' ? 'nothing' : 'names' })}
          />
        )}
      </div>
      {draft.takes === 'names' && (
        <TextAreaField
          {...field('names')}
          label="Attributes or headers, one per line, best first"
          rows={4}
          className="[&_textarea]:font-mono [&_textarea]:text-sm"
          placeholder={'x-order-ref\napp.order.number'}
          hint="In any spelling. Looked for among a span’s attributes, its captured headers, and the headers of dead letters."
          onChange={(event) => onChange({ ...draft, names: event.target.value })}
        />
      )}
    </div>
  )
}

const TAKES = { names: 'in these attributes or headers', nothing: 'nowhere' } as const
const CHIPS = [
  { id: 'names', label: 'In these attributes or headers' },
  { id: 'nothing', label: 'Nowhere' },
] as const
