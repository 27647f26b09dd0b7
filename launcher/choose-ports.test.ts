import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { choosePorts } from './choose-ports.ts'
import { findFreePort } from './free-port.ts'

const anyPort = {
  THROUGHLINE_PORT: '0',
  THROUGHLINE_OTLP_HTTP_PORT: '0',
  THROUGHLINE_OTLP_GRPC_PORT: '0',
  THROUGHLINE_CONTROL_PORT: '0',
  THROUGHLINE_DATABASE_PORT: '0',
  THROUGHLINE_KAFKA_PORT: '0',
  THROUGHLINE_RABBITMQ_PORT: '0',
  THROUGHLINE_RABBITMQ_MANAGEMENT_PORT: '0',
  DEMO_PORT: '0',
}

test('a taken port gives way to a later one, and a sentence says so', async () => {
  const taken = await findFreePort(20_000)
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(taken, '127.0.0.1', resolve))
  const { ports, notices } = await choosePorts({ ...anyPort, THROUGHLINE_PORT: String(taken) })
  await new Promise((resolve) => server.close(resolve))
  expect(ports.web).toBeGreaterThan(taken)
  expect(notices).toEqual([`port ${taken} is taken; the web uses ${ports.web}`])
})

test('two listeners that want the same port get two', async () => {
  const wanted = String(await findFreePort(21_000))
  const same = { ...anyPort, THROUGHLINE_OTLP_HTTP_PORT: wanted, THROUGHLINE_OTLP_GRPC_PORT: wanted }
  const { ports } = await choosePorts(same)
  expect(ports.otlpGrpc).not.toBe(ports.otlpHttp)
  expect(new Set(Object.values(ports)).size).toBe(9)
})
