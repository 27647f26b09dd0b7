/** A listener beside the plain one, for clients that sign in or encrypt. */
export interface KafkaListener {
  /** Upper case, as in `SASL`. */
  readonly name: string
  readonly port: number
  readonly protocol: 'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL'
}

export interface KafkaPropertiesOptions {
  readonly port: number
  readonly controllerPort: number
  readonly logFolder: string
  readonly listeners: readonly KafkaListener[]
  /** `name=value` lines that add to or replace the defaults. */
  readonly settings: readonly string[]
}

const ONE_NODE = [
  'process.roles=broker,controller',
  'node.id=1',
  'controller.listener.names=CONTROLLER',
  'inter.broker.listener.name=PLAINTEXT',
  'offsets.topic.replication.factor=1',
  'offsets.topic.num.partitions=1',
  'transaction.state.log.replication.factor=1',
  'transaction.state.log.min.isr=1',
  'transaction.state.log.num.partitions=1',
  'share.coordinator.state.topic.replication.factor=1',
  'share.coordinator.state.topic.min.isr=1',
  'share.coordinator.state.topic.num.partitions=1',
  'group.initial.rebalance.delay.ms=0',
  'auto.create.topics.enable=false',
  'log.cleaner.dedupe.buffer.size=2097152',
  // Without these two the start after a kill -9 waits 13 s for the old registration to lapse.
  'broker.session.timeout.ms=1000',
  'broker.heartbeat.interval.ms=250',
]

/** The text of server.properties for one node that is broker and controller, bound to 127.0.0.1. */
export function kafkaProperties(options: KafkaPropertiesOptions): string {
  const listeners = [{ name: 'PLAINTEXT', port: options.port, protocol: 'PLAINTEXT' }, ...options.listeners]
  const address = (listener: { name: string; port: number }): string => `${listener.name}://127.0.0.1:${listener.port}`
  const lines = [
    ...ONE_NODE,
    `listeners=${[...listeners.map(address), `CONTROLLER://127.0.0.1:${options.controllerPort}`].join(',')}`,
    `advertised.listeners=${listeners.map(address).join(',')}`,
    `listener.security.protocol.map=CONTROLLER:PLAINTEXT,${listeners.map((one) => `${one.name}:${one.protocol}`).join(',')}`,
    `controller.quorum.voters=1@127.0.0.1:${options.controllerPort}`,
    `log.dirs=${options.logFolder}`,
    ...options.settings,
  ]
  // Later lines win in a properties file as well; a map keeps the written file free of contradictions.
  const values = new Map(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]))
  return [...values].map(([name, value]) => `${name}=${value}\n`).join('')
}
