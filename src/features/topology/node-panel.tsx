'use client'
import Link from 'next/link'
import { useSearchParams } from 'next/navigation'
import type { ReactNode } from 'react'
import { buttonClass } from '#ui/button-class.ts'
import { Button } from '#ui/button.tsx'
import { Fact, FactList } from '#ui/fact-list.tsx'
import { formatDuration } from '#ui/format/duration.ts'
import { formatCount, formatPlural, formatRate, formatShare } from '#ui/format/number.ts'
import { SidePanel } from '#ui/side-panel.tsx'
import { StateMark } from '#ui/state-mark.tsx'
import { TextLink } from '#ui/text-link.tsx'
import { consumerPath } from '#features/consumers/consumer-path.ts'
import { lagWords } from '#features/consumers/lag-words.ts'
import { instrumentationPath } from '#features/instrumentation/instrumentation-path.ts'
import { AttemptFact } from '#features/retries/attempt-fact.tsx'
import { retriesPath } from '#features/retries/retries-path.ts'
import { HopList, type HopWindow } from '#features/topology/hop-list.tsx'
import { kindWord, nodeState } from '#features/topology/node-words.ts'
import type { MapEdge, MapNode, TopologyGraph } from '#features/topology/topology-graph.ts'

interface NodePanelProps {
  readonly node: MapNode
  /** All that is known, also where a path is filtered. */
  readonly graph: TopologyGraph
  readonly isPresent: boolean
  readonly nowMs: number
  /** The time that the map shows. */
  readonly window: HopWindow
  readonly onPath: (id: string) => void
  readonly onClose: () => void
}

const rateText = (perSecond: number | null): string => (perSecond === null ? 'not known' : formatRate(perSecond))
const durationText = (durationMs: number | null): string =>
  durationMs === null ? 'not measured' : formatDuration(durationMs)

/** One node: its figures, what is around it, and where to go from here. */
export function NodePanel({ node, graph, isPresent, nowMs, window, onPath, onClose }: NodePanelProps) {
  const state = nodeState(node, isPresent)
  return (
    <SidePanel
      isOpen
      onClose={onClose}
      title={node.name}
      mark={state && <StateMark tone={state.tone}>{state.word}</StateMark>}
      footer={<NodeLinks node={node} onPath={onPath} />}
    >
      {isPresent && node.lagSentence !== null && <p className="mb-3 text-ink-2">{node.lagSentence}</p>}
      <FactList>
        <Fact name="Kind">{kindWord(node.kind)}</Fact>
        {node.clusterIds.length > 0 && <Fact name="Broker">{node.clusterIds.join(', ')}</Fact>}
        <TrafficFacts node={node} />
        {(node.kind === 'destination' || node.kind === 'dead-letters') && <AttemptFact destination={node.name} />}
        <BrokerFacts node={node} isPresent={isPresent} nowMs={nowMs} />
        <Neighbours node={node} graph={graph} />
      </FactList>
      <HopList node={node} window={window} />
      {node.groups.length > 0 && <GroupList node={node} isPresent={isPresent} />}
    </SidePanel>
  )
}

function TrafficFacts({ node }: { readonly node: MapNode }) {
  if (node.sentPerSecond === null && node.receivedPerSecond === null)
    return <Fact name="Traffic">No span of this time tells of it.</Fact>
  const isDestination = node.kind === 'destination' || node.kind === 'dead-letters'
  return (
    <>
      <Fact name={isDestination ? 'Sent to it' : 'Sends'}>{rateText(node.sentPerSecond)}</Fact>
      <Fact name={isDestination ? 'Received from it' : 'Receives'}>{rateText(node.receivedPerSecond)}</Fact>
      <Fact name="Errors">{node.errorShare === null ? 'not known' : `${formatShare(node.errorShare)} of spans`}</Fact>
      <Fact name="In queue">
        {durationText(node.dwellP95Ms)}
        {node.dwellP95Ms !== null && <span className="text-ink-3"> p95, {formatDuration(node.dwellP50Ms)} p50</span>}
      </Fact>
      <Fact name="Processing">
        {durationText(node.processingP95Ms)}
        {node.processingP95Ms !== null && <span className="text-ink-3"> p95</span>}
      </Fact>
    </>
  )
}

function BrokerFacts({ node, isPresent, nowMs }: Pick<NodePanelProps, 'node' | 'isPresent' | 'nowMs'>) {
  if (!isPresent) return <Fact name="Lag, dead letters">Shown for the present only.</Fact>
  return (
    <>
      {node.groups.length > 0 && (
        <>
          <Fact name="Lag">
            {node.lagMessages === null ? 'not known' : formatPlural(node.lagMessages, 'message')}
            {node.kind === 'destination' && node.groups.length > 1 && (
              <span className="text-ink-3"> of the group furthest behind</span>
            )}
          </Fact>
          <Fact name="Time behind">{node.timeBehindMs === null ? 'not known' : formatDuration(node.timeBehindMs)}</Fact>
        </>
      )}
      {node.openDeadLetterCount !== null && (
        <Fact name="Dead letters">
          {formatCount(node.openDeadLetterCount)} open
          {node.soonestExpiryAtMs !== null && (
            <span className="text-ink-3">
              , the first is lost in {formatDuration(Math.max(0, node.soonestExpiryAtMs - nowMs))}
            </span>
          )}
        </Fact>
      )}
    </>
  )
}

const BEFORE: Readonly<Record<MapEdge['kind'], string>> = {
  sends: 'Sent by',
  receives: 'Reads',
  routes: 'Copied from',
  'dead-letters': 'Died in',
}
const AFTER: Readonly<Record<MapEdge['kind'], string>> = {
  sends: 'Sends to',
  receives: 'Read by',
  routes: 'Copied to',
  'dead-letters': 'Dead letters in',
}

function Neighbours({ node, graph }: Pick<NodePanelProps, 'node' | 'graph'>) {
  const view = useSearchParams()
  const rows = new Map<string, string[]>()
  for (const edge of graph.edges) {
    if (edge.toId === node.id) rows.set(BEFORE[edge.kind], [...(rows.get(BEFORE[edge.kind]) ?? []), edge.fromId])
    if (edge.fromId === node.id) rows.set(AFTER[edge.kind], [...(rows.get(AFTER[edge.kind]) ?? []), edge.toId])
  }
  const nameOf = (id: string) => graph.nodes.find((other) => other.id === id)?.name ?? id
  return [...rows].map(([name, ids]) => (
    <Fact key={name} name={name}>
      {ids.map((id, index): ReactNode => (
        <span key={id}>
          {index > 0 && ', '}
          <TextLink href={`/topology?${withNode(view, id)}`}>{nameOf(id)}</TextLink>
        </span>
      ))}
    </Fact>
  ))
}

/** The same view with another node opened. */
function withNode(view: URLSearchParams, id: string): string {
  const next = new URLSearchParams(view)
  next.set('node', id)
  return next.toString()
}

function GroupList({ node, isPresent }: Pick<NodePanelProps, 'node' | 'isPresent'>) {
  return (
    <>
      <h3 className="mt-4 mb-1.5 font-semibold">Consumer groups</h3>
      <ul className="divide-y divide-line-soft border-y border-line-soft">
        {node.groups.map((group) => {
          const { word, tone } = lagWords(group.lagState)
          return (
            <li
              key={`${group.clusterId}/${group.group}/${group.destination}`}
              className="flex items-center gap-3 py-1.5"
            >
              <span className="min-w-0 truncate">
                <TextLink href={consumerPath(group.clusterId, group.group)}>{group.group}</TextLink>
                {group.group !== group.destination && <span className="text-ink-3"> on {group.destination}</span>}
              </span>
              {isPresent && (
                <span className="ml-auto flex shrink-0 items-center gap-3">
                  {group.lagMessages !== null && <span>lag {formatCount(group.lagMessages)}</span>}
                  <StateMark tone={tone}>{word}</StateMark>
                </span>
              )}
            </li>
          )
        })}
      </ul>
    </>
  )
}

function NodeLinks({ node, onPath }: Pick<NodePanelProps, 'node' | 'onPath'>) {
  const isDestination = node.kind === 'destination' || node.kind === 'dead-letters'
  const [group] = node.groups
  const flows = new URLSearchParams({ [isDestination ? 'destination' : 'service']: node.name })
  return (
    <div className="flex flex-wrap gap-2">
      <Button onClick={() => onPath(node.id)}>Show only its path</Button>
      {node.kind !== 'group' && (
        <Link href={`/flows?${flows.toString()}`} prefetch={false} className={buttonClass()}>
          Flows
        </Link>
      )}
      {isDestination && (
        <Link href={retriesPath(node.name)} prefetch={false} className={buttonClass()}>
          Retries
        </Link>
      )}
      {node.kind === 'service' && (
        <Link href={instrumentationPath(node.name)} prefetch={false} className={buttonClass()}>
          Instrumentation
        </Link>
      )}
      {group !== undefined && (
        <Link
          href={
            node.groups.length === 1
              ? consumerPath(group.clusterId, group.group)
              : `/consumers?${new URLSearchParams({ q: isDestination ? node.name : group.group }).toString()}`
          }
          prefetch={false}
          className={buttonClass()}
        >
          {node.groups.length === 1 ? 'Open consumer' : 'Consumers'}
        </Link>
      )}
      {(node.openDeadLetterCount ?? 0) > 0 && (
        <Link href="/dead-letters" prefetch={false} className={buttonClass()}>
          Dead letters
        </Link>
      )}
    </div>
  )
}
