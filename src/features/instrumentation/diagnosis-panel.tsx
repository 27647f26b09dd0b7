'use client'
import { CodeBox } from '#ui/code-box.tsx'
import { CopyButton } from '#ui/copy-button.tsx'
import { Fact, FactList } from '#ui/fact-list.tsx'
import { formatCount, formatPlural } from '#ui/format/number.ts'
import { MomentText } from '#ui/moment-text.tsx'
import { SidePanel } from '#ui/side-panel.tsx'
import { StateMark } from '#ui/state-mark.tsx'
import { TextLink } from '#ui/text-link.tsx'
import { flowPath } from '#features/flows/flow-path.ts'
import {
  type Finding,
  findingTitle,
  generationWord,
  languageWord,
  type ServiceDiagnosis,
  severityWords,
} from '#features/instrumentation/finding-words.ts'

interface DiagnosisPanelProps {
  readonly diagnosis: ServiceDiagnosis
  readonly onClose: () => void
}

/** One service: what its telemetry leaves out, what that costs, how to mend it. */
export function DiagnosisPanel({ diagnosis, onClose }: DiagnosisPanelProps) {
  const { service, findings, generations, languages, scopes, systems, spanCount, newestUs } = diagnosis
  return (
    <SidePanel isOpen onClose={onClose} title={service}>
      <FactList>
        <Fact name="Names">
          {generations
            .map(({ generation, spanCount: count }) => `${generationWord(generation)} (${formatCount(count)})`)
            .join(', ') || 'of no message'}
        </Fact>
        <Fact name="Language">{languages.map((one) => languageWord(one)).join(', ') || 'not said'}</Fact>
        <Fact name="Libraries">
          {scopes.length === 0
            ? 'not said'
            : scopes.map((scope) => (
                <div key={scope} className="font-mono text-sm">
                  {scope}
                </div>
              ))}
        </Fact>
        <Fact name="Systems">{systems.join(', ')}</Fact>
        <Fact name="Judged by">
          {formatPlural(spanCount, 'recent span')}, the newest <MomentText atMs={newestUs / 1000} />
        </Fact>
      </FactList>
      {findings.length === 0 ? (
        <p className="mt-4 text-ink-2">Everything that Throughline looks for is there.</p>
      ) : (
        findings.map((finding) => <FindingSection key={finding.kind} finding={finding} />)
      )}
    </SidePanel>
  )
}

function FindingSection({ finding }: { readonly finding: Finding }) {
  const { kind, severity, affectedCount, judgedCount, what, cost, mend, examples } = finding
  const { tone, word } = severityWords(severity)
  return (
    <section aria-label={findingTitle(kind)} className="mt-4 border-t border-line-soft pt-3">
      <div className="flex items-center gap-2">
        <h3 className="min-w-0 font-semibold">{findingTitle(kind)}</h3>
        <span className="ml-auto">
          <StateMark tone={tone}>{word}</StateMark>
        </span>
      </div>
      <p className="mt-1 text-ink-2 wrap-anywhere-safe">{what}</p>
      <p className="mt-1 wrap-anywhere-safe">{cost}</p>
      <p className="mt-1 text-sm text-ink-3">
        {formatCount(affectedCount)} of {formatPlural(judgedCount, 'span')}, such as{' '}
        {examples.map(({ traceId, spanId, name }, index) => (
          <span key={`${traceId}${spanId}`}>
            {index > 0 && ', '}
            <TextLink href={`${flowPath(traceId)}?row=${encodeURIComponent(`span:${traceId}:${spanId}`)}`}>
              {name}
            </TextLink>
          </span>
        ))}
      </p>
      {mend === null ? (
        <p className="mt-2 text-sm text-ink-3">No switch of its library is known that would change this.</p>
      ) : (
        <div className="mt-2">
          <div className="mb-1 flex items-start gap-2">
            <p className="min-w-0 flex-1 text-sm text-ink-2">{mend.title}</p>
            <CopyButton label={`Copy what mends: ${findingTitle(kind)}`} text={mend.code} isIconOnly />
          </div>
          <CodeBox
            label={`What mends: ${findingTitle(kind)}`}
            text={mend.code}
            isWrapped={false}
            className="max-h-72"
          />
        </div>
      )}
    </section>
  )
}
