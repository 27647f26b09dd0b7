import type { Connectors } from '#brokers/kafka/read-connectors.ts'

/** What one sink connector says about its dead letters. */
export interface ConnectDeadLetters {
  readonly topic: string
  readonly connector: string
  readonly group: string
  /** The topics that it reads, as they are listed; empty for a pattern. */
  readonly origins: readonly string[]
  /** One clause for people: which connector, in which state, where, and what it reads. */
  readonly evidence: string
}

const TOPIC = 'errors.deadletterqueue.topic.name'
const ORIGINS_SHOWN = 5

/**
 * The dead-letter topics that sink connectors name. A topic that is a placeholder of a configuration provider
 * (`${file:...}`) is known to the worker alone: `onUnknown` gets the connector's name.
 *
 * @param worker where the connectors were read, for the evidence
 */
export function connectDeadLetters(
  worker: string,
  connectors: Connectors,
  onUnknown: (connector: string) => void,
): ConnectDeadLetters[] {
  return Object.entries(connectors).flatMap(([connector, { info, status }]) => {
    const { config } = info
    const topic = config[TOPIC]?.trim() ?? ''
    // Only sinks send records there; the setting means nothing on a source connector.
    if (topic === '' || info.type === 'source') return []
    if (isPlaceholder(topic)) {
      onUnknown(connector)
      return []
    }
    const origins = (config['topics'] ?? '').split(',').flatMap((name) => name.trim() || [])
    const group = connectGroup(connector, config)
    const state = status === undefined ? '' : ` (${status.connector.state})`
    const isTolerant = config['errors.tolerance'] === 'all'
    const evidence =
      `connector ${connector}${state} at ${worker} names it in ${TOPIC}` +
      `, reading ${describeOrigins(origins, config['topics.regex'])} as ${group}` +
      (isTolerant ? '' : '; its errors.tolerance is not "all", so it fails instead of sending there')
    return [{ topic, connector, group, origins, evidence }]
  })
}

const isPlaceholder = (value: string): boolean => /\$\{[^}]+\}/.test(value)

/** The group that a sink reads as: `connect-<name>` unless the connector overrides its consumer's group. */
export function connectGroup(connector: string, config: Readonly<Record<string, string | null>>): string {
  const override = config['consumer.override.group.id']?.trim() ?? ''
  return override === '' || isPlaceholder(override) ? `connect-${connector}` : override
}

function describeOrigins(origins: readonly string[], pattern: string | null | undefined): string {
  if (origins.length === 0) return pattern ? `topics that match ${pattern}` : 'no topic'
  const more = origins.length - ORIGINS_SHOWN
  return `${origins.slice(0, ORIGINS_SHOWN).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}
