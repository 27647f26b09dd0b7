/** What the launcher passes by environment; each is read where it is needed and refused by name when it is wrong. */
export function isPgqueue(): boolean {
  const broker = process.env['DEMO_BROKER'] ?? 'kafka'
  if (broker !== 'kafka' && broker !== 'pgqueue') throw new Error(`DEMO_BROKER is "${broker}": kafka or pgqueue`)
  return broker === 'pgqueue'
}

/** Bootstrap addresses, `host:port`, separated by commas. */
export function kafkaBrokers(): string[] {
  return requireVariable('KAFKA_BROKERS')
    .split(',')
    .map((address) => address.trim())
}

/** With credentials; null = the shop settles nothing, because there is no RabbitMQ. */
export function rabbitmqUrl(): string | null {
  const url = process.env['DEMO_RABBITMQ_URL'] ?? ''
  return url === '' ? null : url
}

export function demoDatabaseUrl(): string {
  return requireVariable('DEMO_DATABASE_URL')
}

export function ordersPerSecond(): number {
  return readNumber('DEMO_ORDERS_PER_SECOND', 20)
}

export function demoPort(): number {
  return readNumber('DEMO_PORT', 4400)
}

function requireVariable(name: string): string {
  const value = process.env[name]
  if (value === undefined || value === '') throw new Error(`${name} is not set`)
  return value
}

function readNumber(name: string, otherwise: number): number {
  const text = process.env[name]
  if (text === undefined || text === '') return otherwise
  const value = Number(text)
  if (!Number.isFinite(value) || value < 0) throw new Error(`${name} is "${text}": a number of at least 0`)
  return value
}

/** What the page with the switches listens on; a container has to open it to its host. */
export function demoHost(): string {
  return process.env['DEMO_HOST'] ?? '127.0.0.1'
}

/** Whether somebody can pause the shop's consumers; by hand the shop runs without. */
export function hasConsole(): boolean {
  return (process.env['THROUGHLINE_CONTROL_URL'] ?? '') !== ''
}
