'use client'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import type { CorrelationRule } from '#domain/trace/correlation-rule.ts'
import type { RouterOutputs } from '#trpc/router-types.ts'
import { useTRPC } from '#trpc/use-trpc.ts'
import { Button } from '#ui/button.tsx'
import { formatCount, formatPlural } from '#ui/format/number.ts'
import { MomentText } from '#ui/moment-text.tsx'
import { Note } from '#ui/note.tsx'
import { SkeletonRows } from '#ui/skeleton.tsx'
import { StateMark } from '#ui/state-mark.tsx'
import type { Tone } from '#ui/tone.ts'
import { Fetched } from '#features/failure/fetched.tsx'

type Preview = RouterOutputs['correlation']['preview']
type Message = Preview['messages'][number]

/** Messages that are listed; the counts are of all that were looked at. */
const LISTED = 30
/** One id on more traces than this, of few messages, is hardly the id of one flow. */
const WIDE = 10

const DECIDERS: Readonly<Record<Message['decidedBy'], { readonly word: string; readonly tone: Tone }>> = {
  draft: { word: 'this rule', tone: 'ok' },
  'other-rule': { word: 'another rule', tone: 'unknown' },
  conventions: { word: 'conventions', tone: 'unknown' },
  nobody: { word: 'no id', tone: 'warn' },
}

interface RulePreviewProps {
  readonly ruleId: string | null
  readonly rule: CorrelationRule
  readonly onAddName: (name: string) => void
}

/** Which ids a draft would give to messages that came in lately. */
export function RulePreview({ ruleId, rule, onAddName }: RulePreviewProps) {
  const trpc = useTRPC()
  const preview = useQuery({
    ...trpc.correlation.preview.queryOptions({ ruleId, rule: { ...rule, names: [...rule.names] } }),
    placeholderData: keepPreviousData,
    gcTime: 30_000,
  })
  return (
    <section aria-label="What it would do" aria-live="polite">
      <h3 className="mb-1.5 font-semibold">What it would do</h3>
      <Fetched query={preview} skeleton={<SkeletonRows count={5} label="recent messages" />}>
        {(found) =>
          found.messages.length === 0 ? (
            <p className="text-ink-2">
              No span of the last day is about a message of {rule.destination}
              {rule.system !== null && ` of ${rule.system}`}. The rule can be saved all the same.
            </p>
          ) : (
            <Found found={found} rule={rule} onAddName={onAddName} />
          )
        }
      </Fetched>
    </section>
  )
}

function Found({ found, rule, onAddName }: { readonly found: Preview } & Omit<RulePreviewProps, 'ruleId'>) {
  const { messages, widest } = found
  const isWide = widest !== null && widest.traceCount > WIDE && widest.traceCount * 4 > messages.length
  return (
    <div className="flex flex-col gap-3">
      <p className="text-ink-2">{sumUp(found, rule)}</p>
      {isWide && (
        <Note tone="warn" title={`${widest.id} stands on ${formatPlural(widest.traceCount, 'trace')}`}>
          One id on many traces would make one flow of them. It may be the id of a batch, a tenant or a service.
        </Note>
      )}
      <SeenNames names={found.names} rule={rule} onAddName={onAddName} />
      <ul className="divide-y divide-line-soft">
        {messages.slice(0, LISTED).map((message) => (
          <MessageItem key={`${message.traceId}:${message.spanId}`} message={message} />
        ))}
      </ul>
      {messages.length > LISTED && (
        <p className="text-sm text-ink-3">and {formatCount(messages.length - LISTED)} more, counted above</p>
      )}
    </div>
  )
}

/** Who would decide about how many, without those who decide about none. */
function sumUp({ messages, counts, distinctIdCount, changedCount }: Preview, { names }: CorrelationRule): string {
  const draft =
    names.length === 0
      ? `${formatCount(counts.draft)} would lose their id`
      : `${formatCount(counts.draft)} would get an id by this rule${counts.draft === 0 ? '' : `, ${formatCount(distinctIdCount)} different`}`
  const others = [
    counts.conventions > 0 && `${formatCount(counts.conventions)} have theirs by the conventions`,
    counts['other-rule'] > 0 && `${formatCount(counts['other-rule'])} by a more specific rule`,
    counts.nobody > 0 && `${formatCount(counts.nobody)} have none`,
  ].filter((part) => part !== false)
  const changed = changedCount === 0 ? 'None differs' : `${formatCount(changedCount)} would differ`
  return `Of ${formatPlural(messages.length, 'recent message')} ${[draft, ...others].join('; ')}. ${changed} from what is stored.`
}

function SeenNames({
  names,
  rule,
  onAddName,
}: { readonly names: Preview['names'] } & Omit<RulePreviewProps, 'ruleId'>) {
  const offered = names.filter(({ name }) => !rule.names.includes(name)).slice(0, 8)
  if (offered.length === 0) return null
  return (
    <div>
      <div className="mb-1 text-sm text-ink-2">What these messages carry; press one to add it</div>
      <ul className="flex flex-col gap-1">
        {offered.map(({ name, messageCount, distinctCount, example }) => (
          <li key={name} className="flex min-w-0 items-center gap-2">
            <Button size="small" className="max-w-[60%] font-mono" onClick={() => onAddName(name)}>
              <span className="truncate">{name}</span>
            </Button>
            <span className="min-w-0 truncate text-sm text-ink-3" title={example}>
              {formatCount(distinctCount)} different on {formatCount(messageCount)}, as {example}
            </span>
          </li>
        ))}
      </ul>
    </div>
  )
}

function MessageItem({ message }: { readonly message: Message }) {
  const { word, tone } = DECIDERS[message.decidedBy]
  return (
    <li className="py-1.5">
      <div className="flex items-center gap-2">
        <span className="min-w-0 truncate">
          {message.service} <span className="text-ink-3">{message.operation}</span> {message.destination}
        </span>
        <span className="ml-auto shrink-0 text-sm text-ink-3">
          <MomentText atMs={message.atUs / 1_000} as="distance" />
        </span>
      </div>
      <div className="flex flex-wrap items-center gap-x-2 text-sm">
        <span className="font-mono wrap-anywhere-safe">{message.id ?? 'no correlation id'}</span>
        <StateMark tone={tone} isQuiet>
          {message.name ?? word}
        </StateMark>
      </div>
      {message.id !== message.storedId && (
        <div className="text-sm text-ink-3 wrap-anywhere-safe">
          stored as <span className="font-mono">{message.storedId ?? 'none'}</span>
        </div>
      )}
      {message.refused.map(({ name, value }) => (
        <div key={name} className="text-sm text-warn wrap-anywhere-safe">
          refused: {name} is <span className="font-mono">{value === '' ? 'empty' : value}</span>
        </div>
      ))}
    </li>
  )
}
