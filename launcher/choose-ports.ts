import { findFreePort } from './free-port.ts'

export interface Ports {
  readonly web: number
  readonly otlpHttp: number
  readonly otlpGrpc: number
  readonly control: number
  readonly database: number
  readonly kafka: number
  readonly rabbitmq: number
  readonly rabbitmqManagement: number
  readonly demo: number
}

type PortName = keyof Ports

/** What each port serves, its usual number and the variable that asks for another (0 = any free one). */
const WANTED: Readonly<Record<PortName, { readonly what: string; readonly port: number; readonly variable: string }>> =
  {
    web: { what: 'the web', port: 3_000, variable: 'THROUGHLINE_PORT' },
    otlpHttp: { what: 'OTLP over HTTP', port: 4_318, variable: 'THROUGHLINE_OTLP_HTTP_PORT' },
    otlpGrpc: { what: 'OTLP over gRPC', port: 4_317, variable: 'THROUGHLINE_OTLP_GRPC_PORT' },
    control: { what: 'the control channel', port: 4_320, variable: 'THROUGHLINE_CONTROL_PORT' },
    database: { what: 'the embedded Postgres', port: 5_434, variable: 'THROUGHLINE_DATABASE_PORT' },
    kafka: { what: 'Kafka', port: 9_092, variable: 'THROUGHLINE_KAFKA_PORT' },
    rabbitmq: { what: 'RabbitMQ', port: 5_672, variable: 'THROUGHLINE_RABBITMQ_PORT' },
    rabbitmqManagement: {
      what: "RabbitMQ's management",
      port: 15_672,
      variable: 'THROUGHLINE_RABBITMQ_MANAGEMENT_PORT',
    },
    demo: { what: 'the demo shop', port: 4_400, variable: 'DEMO_PORT' },
  }

export interface ChosenPorts {
  readonly ports: Ports
  /** One sentence for each port that is not the wanted one. */
  readonly notices: readonly string[]
}

/** The wanted port for each listener, or the next free one above it; no two of ours share one. */
export async function choosePorts(environment: Readonly<Record<string, string | undefined>>): Promise<ChosenPorts> {
  const chosen = new Map<PortName, number>()
  const notices: string[] = []
  for (const name of Object.keys(WANTED) as PortName[]) {
    const { what, variable, port } = WANTED[name]
    const wanted = Number(environment[variable] ?? port)
    const found = await findUnclaimedPort(wanted, new Set(chosen.values()))
    if (wanted !== 0 && found !== wanted) notices.push(`port ${wanted} is taken; ${what} uses ${found}`)
    chosen.set(name, found)
  }
  const portOf = (name: PortName): number => chosen.get(name) ?? 0
  return {
    ports: {
      web: portOf('web'),
      otlpHttp: portOf('otlpHttp'),
      otlpGrpc: portOf('otlpGrpc'),
      control: portOf('control'),
      database: portOf('database'),
      kafka: portOf('kafka'),
      rabbitmq: portOf('rabbitmq'),
      rabbitmqManagement: portOf('rabbitmqManagement'),
      demo: portOf('demo'),
    },
    notices,
  }
}

async function findUnclaimedPort(wanted: number, claimed: ReadonlySet<number>): Promise<number> {
  let port = await findFreePort(wanted)
  while (claimed.has(port)) port = await findFreePort(wanted === 0 ? 0 : port + 1)
  return port
}
