import { formatDuration } from '#ui/format/duration.ts'
import { formatCount, formatRate, formatShare } from '#ui/format/number.ts'
import type { Tone } from '#ui/tone.ts'
import { lagWords } from '#features/consumers/lag-words.ts'
import type { MapNode } from '#features/topology/topology-graph.ts'

/** Shares of failed spans from which a node is marked. */
const WARN_SHARE = 0.01
const BAD_SHARE = 0.1

export interface NodeState {
  readonly word: string
  readonly tone: Tone
}

const KINDS: Readonly<Record<MapNode['kind'], string>> = {
  service: 'Service',
  destination: 'Destination',
  'dead-letters': 'Dead letters',
  group: 'Consumer group',
}

export const kindWord = (kind: MapNode['kind']): string => KINDS[kind]

/** The state of a node; null where all that is known of it is in order. */
export function nodeState(node: MapNode, isPresent: boolean): NodeState | null {
  if (node.kind === 'dead-letters') {
    if (node.openDeadLetterCount === null) return null
    return node.openDeadLetterCount > 0 ? { word: 'Dead letters', tone: 'bad' } : null
  }
  if (isPresent && node.lagState !== null && node.lagState !== 'OK') return lagWords(node.lagState)
  // What fails at a destination fails in its consumers, which are marked.
  const isAtWork = node.kind === 'service' || node.kind === 'group'
  if (isAtWork && node.errorShare !== null && node.errorShare >= WARN_SHARE)
    return { word: 'Failing', tone: node.errorShare >= BAD_SHARE ? 'bad' : 'warn' }
  return null
}

/** The second line of a node: its state, if any, and the one or two figures that matter there. */
export function nodeLine(node: MapNode, isPresent: boolean, nowMs: number): string {
  if (node.kind === 'dead-letters') return deadLetterLine(node, nowMs)
  const state = nodeState(node, isPresent)
  const rate = nodeRate(node)
  if (state === null) return rate
  if (state.word === 'Failing') return `${formatShare(node.errorShare ?? 0)} fail · ${rate}`
  const lag = node.lagMessages === null ? null : `lag ${formatCount(node.lagMessages)}`
  return [state.word, lag ?? rate].join(' · ')
}

/** What goes in where something does; of a service the busier direction. A node that no span tells of says so. */
function nodeRate(node: MapNode): string {
  if (node.sentPerSecond === null || node.receivedPerSecond === null) return 'no spans'
  // Every group receives what was sent once: only sending tells how much there is.
  if (node.kind === 'destination' && node.sentPerSecond > 0) return formatRate(node.sentPerSecond)
  return formatRate(Math.max(node.sentPerSecond, node.receivedPerSecond))
}

function deadLetterLine(node: MapNode, nowMs: number): string {
  if (node.openDeadLetterCount === null) return 'not known'
  if (node.openDeadLetterCount === 0) return 'empty'
  const open = `${formatCount(node.openDeadLetterCount)} open`
  if (node.soonestExpiryAtMs === null) return open
  return `${open} · ${shortTimeLeft(node.soonestExpiryAtMs - nowMs)} left`
}

/** One unit, as there is no room for two. */
function shortTimeLeft(leftMs: number): string {
  const length = formatDuration(Math.max(0, leftMs))
  return /^\S+\s\S+/u.exec(length)?.[0] ?? length
}

/** Everything on a node in one sentence, for whoever does not see the map. */
export function nodeSentence(node: MapNode, isPresent: boolean, nowMs: number): string {
  const dwell = node.dwellP95Ms === null ? null : `waits ${formatDuration(node.dwellP95Ms)} at the 95th percentile`
  return [`${kindWord(node.kind)} ${node.name}`, nodeLine(node, isPresent, nowMs), dwell].filter(Boolean).join(', ')
}
