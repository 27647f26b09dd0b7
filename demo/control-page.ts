import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { demoHost } from './demo-settings.ts'
import type { Burst, Customers } from './customers.ts'
import type { ServiceProcesses } from './service-processes.ts'

const MAX_BODY_BYTES = 4_096
const MAX_BURST_ORDERS = 20_000

export interface ControlPage {
  readonly url: string
  readonly close: () => Promise<void>
}

interface Shop {
  readonly broker: string
  readonly ordersPerSecond: number
  readonly services: ServiceProcesses
  readonly customers: Customers
}

class BadRequest extends Error {}

/** The shop's own page: `GET /`, `GET /state`, `POST /switch/bug`, `POST /switch/slow`, `POST /burst`; on DEMO_HOST. */
export async function openControlPage(port: number, shop: Shop): Promise<ControlPage> {
  const page = readFileSync(join(import.meta.dirname, 'control-page.html'))
  const server = createServer((request, response) => {
    answer(shop, page, request, response).catch((error: unknown) => {
      const message = error instanceof Error ? error.message : String(error)
      respond(response, error instanceof BadRequest ? 400 : 500, { error: message })
    })
  })
  await listen(server, port)
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function answer(shop: Shop, page: Buffer, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const route = `${request.method ?? ''} ${request.url ?? ''}`
  switch (route) {
    case 'GET /':
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page)
      return
    case 'GET /state':
      return respond(response, 200, stateOf(shop))
    case 'POST /switch/bug':
    case 'POST /switch/slow': {
      const { on } = await readJson(request)
      if (typeof on !== 'boolean') throw new BadRequest('"on" must be true or false')
      const name = route === 'POST /switch/bug' ? 'bug' : 'slow'
      await shop.services.setSwitches({ ...shop.services.switches, [name]: on })
      return respond(response, 200, stateOf(shop))
    }
    case 'POST /burst': {
      const taken = await shop.customers.burst(toBurst(await readJson(request)))
      return respond(response, 200, { orders: taken })
    }
    default:
      return respond(response, 404, { error: `nothing at ${route}` })
  }
}

function stateOf(shop: Shop): Record<string, unknown> {
  return {
    broker: shop.broker,
    ordersPerSecond: shop.ordersPerSecond,
    switches: shop.services.switches,
    counts: shop.services.counts(),
    services: shop.services.services(),
  }
}

function toBurst({ orders, faulty = 0 }: Record<string, unknown>): Burst {
  if (typeof orders !== 'number' || !Number.isInteger(orders) || orders < 1 || orders > MAX_BURST_ORDERS) {
    throw new BadRequest(`"orders" must be a whole number from 1 to ${MAX_BURST_ORDERS}`)
  }
  if (typeof faulty !== 'number' || !(faulty >= 0 && faulty <= 1)) {
    throw new BadRequest('"faulty" must be a share from 0 to 1')
  }
  return { orders, faulty }
}

/** Only JSON, which a page of another site cannot send here without asking first. */
async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  if (!(request.headers['content-type'] ?? '').startsWith('application/json')) {
    throw new BadRequest('the body must be application/json')
  }
  let text = ''
  for await (const chunk of request as AsyncIterable<Buffer>) {
    text += chunk.toString()
    if (text.length > MAX_BODY_BYTES) throw new BadRequest('the body is too long')
  }
  try {
    const body: unknown = JSON.parse(text)
    if (typeof body === 'object' && body !== null) return body as Record<string, unknown>
  } catch (error) {
    throw new BadRequest('the body is not JSON', { cause: error })
  }
  throw new BadRequest('the body must be an object')
}

function respond(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, demoHost(), resolve)
  })
}
