import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** A TCP proxy for contract tests that cuts connections and loses what a broker answers. */
export interface LossyProxy {
  readonly port: number
  /** Breaks every connection, whatever is under way. */
  cut(): void
  /** Loses the next answers: the request arrives, its answer does not, and the connection breaks. */
  loseAnswers(count: number): void
  readonly lost: () => number
  close(): Promise<void>
}

export async function startLossyProxy(targetPort: () => number): Promise<LossyProxy> {
  let toLose = 0
  let lost = 0
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(targetPort(), '127.0.0.1')
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        sockets.delete(socket)
        near.destroy()
        far.destroy()
      })
    }
    near.on('data', (bytes) => far.write(bytes))
    far.on('data', (bytes) => {
      if (toLose === 0) near.write(bytes)
      else {
        toLose -= 1
        lost += 1
        near.destroy()
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    cut: () => {
      for (const socket of sockets) socket.destroy()
    },
    loseAnswers: (count) => {
      toLose = count
    },
    lost: () => lost,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
