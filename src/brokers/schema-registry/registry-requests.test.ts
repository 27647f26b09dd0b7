import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { openRegistryRequests } from '#brokers/schema-registry/registry-requests.ts'

const servers: Server[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

async function listen(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(answer)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
const signal = new AbortController().signal

test('the sign-in and the path of the address go with every question', async () => {
  const asked: unknown[] = []
  const url = await listen((request, response) => {
    asked.push([request.url, request.headers.authorization])
    response.end('{"schema":"\\"string\\""}')
  })
  const basic = openRegistryRequests({ url: `${url}/apis/ccompat/v7` }, { schemaRegistryBasicAuth: 'me:pw' })
  expect(await basic.readSchema(7, signal)).toMatchObject({ schema: '"string"', schemaType: 'AVRO' })
  const bearer = openRegistryRequests({ url: `${url}/` }, { schemaRegistryToken: 'tok' })
  await bearer.readSchema(8, signal)
  expect(asked).toEqual([
    ['/apis/ccompat/v7/schemas/ids/7', `Basic ${Buffer.from('me:pw').toString('base64')}`],
    ['/schemas/ids/8', 'Bearer tok'],
  ])
})

test('a redirect is refused and not followed, and a subject cannot leave its path', async () => {
  const paths: (string | undefined)[] = []
  const url = await listen((request, response) => {
    paths.push(request.url)
    response.writeHead(302, { location: 'http://169.254.169.254/' }).end()
  })
  const requests = openRegistryRequests({ url }, {})
  await expect(requests.readVersion('../../admin?x=', 'latest', signal)).rejects.toMatchObject({ code: 'invalid' })
  expect(paths).toEqual(['/subjects/..%2F..%2Fadmin%3Fx%3D/versions/latest'])
})

test('after an outage the next question fails at once, without being asked', async () => {
  let askedCount = 0
  const url = await listen((_request, response) => {
    askedCount += 1
    response.writeHead(503).end()
  })
  const requests = openRegistryRequests({ url }, {})
  for (const id of [1, 2, 3]) {
    await expect(requests.readSchema(id, signal)).rejects.toMatchObject({ code: 'broker-unavailable' })
  }
  expect(askedCount).toBe(1)
})

test('one that hangs, one that refuses and one that is no registry are told apart', async () => {
  const hanging = openRegistryRequests({ url: await listen(() => undefined) }, {}, 100)
  await expect(hanging.readSchema(1, signal)).rejects.toThrow(/does not answer within 0.1 s/)
  const closed = openRegistryRequests({ url: await listen((_, response) => response.writeHead(401).end()) }, {})
  await expect(closed.readSchema(1, signal)).rejects.toThrow(/wants a sign-in and none is configured/)
  const page = openRegistryRequests({ url: await listen((_, response) => response.writeHead(404).end('<html>')) }, {})
  await expect(page.readSchema(1, signal)).rejects.toThrow(/is the path right/)
  const known = await listen((_, response) => response.writeHead(404).end('{"error_code":40403,"message":"no"}'))
  expect(await openRegistryRequests({ url: known }, {}).readSchema(1, signal)).toBeNull()
})
