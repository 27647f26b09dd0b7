/** What an adapter says about itself while it works; `log.ts` of the process fits. */
export interface BrokerLog {
  warn(facts: Readonly<Record<string, unknown>>, message: string): void
}

/** What is needed to open any adapter. Configuration and secret are parsed by the adapter's own schema. */
export interface BrokerOpening<Configuration = unknown, Secret = unknown> {
  readonly clusterId: string
  readonly configuration: Configuration
  readonly secret: Secret
  readonly log?: BrokerLog | undefined
}
