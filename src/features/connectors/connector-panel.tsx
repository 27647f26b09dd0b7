'use client'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import type { Connector, ConnectorVerb } from '#domain/connect/connector.ts'
import { useTRPC } from '#trpc/use-trpc.ts'
import { Button } from '#ui/button.tsx'
import { MomentText } from '#ui/moment-text.tsx'
import { Note } from '#ui/note.tsx'
import { SidePanel } from '#ui/side-panel.tsx'
import { StateMark } from '#ui/state-mark.tsx'
import { TextLink } from '#ui/text-link.tsx'
import { ConnectorDialog } from '#features/connectors/connector-dialog.tsx'
import { ConnectorOffsets } from '#features/connectors/connector-offsets.tsx'
import { connectorWords, possibleVerbs, VERB_WORDS } from '#features/connectors/connector-words.ts'
import { consumerPath } from '#features/consumers/consumer-path.ts'
import { RESET_STATES } from '#features/resets/reset-states.ts'
import { useMay } from '#features/session/person-context.ts'

interface ConnectorPanelProps {
  readonly clusterId: string
  readonly connector: Connector
  readonly onClose: () => void
}

interface Asked {
  readonly verb: ConnectorVerb
  readonly task: number | null
}

/** One connector: its tasks, where it stands, what can be asked of it and what was. */
export function ConnectorPanel({ clusterId, connector, onClose }: ConnectorPanelProps) {
  const mayControl = useMay('consumer:control')
  const [asked, setAsked] = useState<Asked | null>(null)
  const { word, tone } = connectorWords(connector.state)
  return (
    <SidePanel
      isOpen
      onClose={onClose}
      title={connector.name}
      mark={<StateMark tone={tone}>{word}</StateMark>}
      footer={
        mayControl ? (
          <div className="flex flex-wrap gap-2">
            {possibleVerbs(connector).map((verb) => (
              <Button key={verb} size="small" onClick={() => setAsked({ verb, task: null })}>
                {VERB_WORDS[verb].act}…
              </Button>
            ))}
          </div>
        ) : undefined
      }
    >
      <div className="flex flex-col gap-4">
        <p className="text-ink-2 wrap-anywhere-safe">
          {connector.className ?? 'Class not known'}, at {connector.connect}
          {connector.group !== null && (
            <>
              , reads as <TextLink href={consumerPath(clusterId, connector.group)}>{connector.group}</TextLink>
            </>
          )}
          .
        </p>
        {connector.failure !== null && (
          <Note tone="bad" title="The connector failed">
            {connector.failure}
          </Note>
        )}
        <section>
          <h3 className="mb-2 font-semibold">Tasks</h3>
          {connector.tasks.length === 0 ? (
            <p className="text-ink-2">None at the moment.</p>
          ) : (
            <ul className="flex flex-col gap-2" aria-label="Tasks">
              {connector.tasks.map((task) => (
                <li key={task.id} className="flex flex-wrap items-center gap-x-3 gap-y-1">
                  <span className="font-mono text-sm">{task.id}</span>
                  <StateMark tone={connectorWords(task.state).tone}>{connectorWords(task.state).word}</StateMark>
                  <span className="min-w-0 flex-1 text-sm text-ink-3 wrap-anywhere-safe">{task.worker}</span>
                  {mayControl && (
                    <Button
                      size="small"
                      aria-label={`Restart task ${task.id}`}
                      onClick={() => setAsked({ verb: 'restart-task', task: task.id })}
                    >
                      Restart…
                    </Button>
                  )}
                  {task.failure !== null && (
                    <p className="basis-full text-sm text-bad wrap-anywhere-safe">{task.failure}</p>
                  )}
                </li>
              ))}
            </ul>
          )}
        </section>
        <ConnectorOffsets clusterId={clusterId} connect={connector.connect} connector={connector.name} />
        <ConnectorActs clusterId={clusterId} connector={connector.name} />
      </div>
      {asked !== null && (
        <ConnectorDialog clusterId={clusterId} connector={connector} {...asked} onClose={() => setAsked(null)} />
      )}
    </SidePanel>
  )
}

/** What was asked of it, and how it ended. */
function ConnectorActs({ clusterId, connector }: { readonly clusterId: string; readonly connector: string }) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const acts = useQuery({ ...trpc.connector.acts.queryOptions({ clusterId, connector }), refetchInterval: 1_500 })
  const endedAtMs = acts.data?.[0]?.endedAtMs ?? null
  // What an act has changed is shown with its end.
  useEffect(() => {
    if (endedAtMs !== null) void queryClient.invalidateQueries({ queryKey: trpc.connector.list.pathKey() })
  }, [endedAtMs, queryClient, trpc])
  if (acts.data === undefined || acts.data.length === 0) return null
  return (
    <section aria-live="polite">
      <h3 className="mb-2 font-semibold">Asked for</h3>
      <ul className="flex flex-col gap-2" aria-label="Asked for">
        {acts.data.map((act) => {
          const { word, tone } = RESET_STATES[act.state]
          const what = 'verb' in act.plan ? VERB_WORDS[act.plan.verb].act : ''
          return (
            <li key={act.id} className="flex flex-wrap items-baseline gap-x-3 text-sm">
              <StateMark tone={tone}>{word}</StateMark>
              <span className="min-w-0 flex-1 wrap-anywhere-safe">
                {what}
                {'task' in act.plan && act.plan.task !== null && ` ${act.plan.task}`}, by {act.actorName}
                {act.reason !== null && `: ${act.reason}`}
                {act.outcome !== null && <span className="block text-ink-3">{act.outcome}</span>}
              </span>
              <span className="text-ink-3">
                <MomentText atMs={act.askedAtMs} />
              </span>
            </li>
          )
        })}
      </ul>
    </section>
  )
}
