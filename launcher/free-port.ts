import { createServer } from 'node:net'

/** A port of 127.0.0.1 that is free now: `wanted` when it is, else the next free one above it; 0 = any. */
export async function findFreePort(wanted: number): Promise<number> {
  for (let port = wanted; port < 65_536; port += 1) {
    const found = await tryPort(port)
    if (found !== null) return found
  }
  throw new Error(`no free port from ${wanted} on`)
}

function tryPort(port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(null))
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(address !== null && typeof address === 'object' ? address.port : null))
    })
  })
}
