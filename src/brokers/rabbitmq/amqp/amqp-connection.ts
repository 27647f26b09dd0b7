import { connect as connectPlain, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import {
  createChannel,
  type AmqpChannel,
  type ChannelListener,
  type DrivenChannel,
} from '#brokers/rabbitmq/amqp/amqp-channel.ts'
import { connectionLost, failureOfReply } from '#brokers/rabbitmq/amqp/amqp-error.ts'
import {
  argumentTable,
  createFrameCutter,
  encodeFrame,
  FRAME,
  longString,
  METHOD,
  readWire,
  shortString,
  uint16,
  uint32,
  type Frame,
  type WireReader,
} from '#brokers/rabbitmq/amqp/wire.ts'
import { Failure } from '#domain/failure.ts'

export interface AmqpTls {
  readonly ca?: string | undefined
  readonly cert?: string | undefined
  readonly key?: string | undefined
  readonly passphrase?: string | undefined
  readonly servername?: string | undefined
  readonly rejectUnauthorized?: boolean | undefined
}

export interface AmqpAddress {
  readonly host: string
  readonly port: number
  readonly vhost: string
  readonly username: string
  readonly password: string
  readonly name: string
  /** null = without TLS. */
  readonly tls: AmqpTls | null
}

export interface AmqpConnection {
  openChannel(listener: ChannelListener): Promise<AmqpChannel>
  /** Why the server takes no messages at the moment (memory, disk); null when it does. */
  readonly blockedBecause: string | null
  readonly failure: Failure | null
  close(): Promise<void>
}

const CONNECT_LIMIT_MS = 10_000
const CLOSE_LIMIT_MS = 2_000
/** Whoever is stopped with messages in hand keeps them for twice as long. */
const HEARTBEAT_SECONDS = 10
const MAX_CHANNELS = 2_047
const MAX_FRAME_BYTES = 131_072
const PROTOCOL_HEADER = Buffer.from('AMQP\u0000\u0000\u0009\u0001', 'latin1')

const CLIENT = {
  product: 'Throughline',
  capabilities: {
    publisher_confirms: true,
    'basic.nack': true,
    consumer_cancel_notify: true,
    'connection.blocked': true,
    authentication_failure_close: true,
  },
}

/**
 * Connects and signs in (AMQP 0-9-1, PLAIN). Message properties pass through it as bytes: the clients of npm decode them
 * into JavaScript values, by which an int32 becomes an int8, a double an integer, and a name that occurs twice one.
 * @throws Failure `broker-unavailable`, `forbidden` or `not-found` (the virtual host)
 */
export async function connectAmqp(address: AmqpAddress): Promise<AmqpConnection> {
  const { host, port, tls } = address
  const socket = tls === null ? connectPlain({ host, port }) : connectTls({ host, port, ...givenOnly(tls) })
  const link = createLink(socket, address)
  const limit = setTimeout(
    () => link.end(connectionLost(`no answer within ${CONNECT_LIMIT_MS / 1_000} s`)),
    CONNECT_LIMIT_MS,
  )
  try {
    await link.opened
    return link
  } finally {
    clearTimeout(limit)
  }
}

const givenOnly = (tls: AmqpTls): object =>
  Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined))

interface Link extends AmqpConnection {
  readonly opened: Promise<void>
  end(failure: Failure): void
}

interface LinkState {
  readonly socket: Socket
  readonly address: AmqpAddress
  readonly channels: Map<number, DrivenChannel>
  readonly opened: PromiseWithResolvers<void>
  readonly closed: PromiseWithResolvers<void>
  maxFrameBytes: number
  maxChannels: number
  nextChannel: number
  failure: Failure | null
  blockedBecause: string | null
  beat: NodeJS.Timeout | undefined
}

function createLink(socket: Socket, address: AmqpAddress): Link {
  const state: LinkState = {
    socket,
    address,
    channels: new Map(),
    opened: Promise.withResolvers<void>(),
    closed: Promise.withResolvers<void>(),
    maxFrameBytes: MAX_FRAME_BYTES,
    maxChannels: MAX_CHANNELS,
    nextChannel: 1,
    failure: null,
    blockedBecause: null,
    beat: undefined,
  }
  listen(state)
  return {
    opened: state.opened.promise,
    end: (failure) => endLink(state, failure),
    get failure() {
      return state.failure
    },
    get blockedBecause() {
      return state.blockedBecause
    },
    openChannel: (listener) => openChannelOn(state, listener),
    async close() {
      if (state.failure !== null) return
      tell(state, METHOD.connectionClose, uint16(200), shortString('done'), uint16(0), uint16(0))
      const patience = setTimeout(() => endLink(state, connectionLost('it is closed')), CLOSE_LIMIT_MS)
      await state.closed.promise
      clearTimeout(patience)
    },
  }
}

function tell({ socket }: LinkState, method: number, ...args: Uint8Array[]): void {
  socket.write(encodeFrame(FRAME.method, 0, Buffer.concat([uint32(method), ...args])))
}

function endLink(state: LinkState, why: Failure): void {
  if (state.failure !== null) return
  state.failure = why
  clearInterval(state.beat)
  state.socket.destroy()
  for (const channel of state.channels.values()) channel.end(why)
  state.opened.reject(why)
  state.closed.resolve()
}

async function openChannelOn(state: LinkState, listener: ChannelListener): Promise<AmqpChannel> {
  if (state.failure !== null) throw state.failure
  const { channels, socket, maxFrameBytes } = state
  const number = freeNumber(channels, state.nextChannel, state.maxChannels)
  state.nextChannel = number + 1
  const write = gatherWrites(socket)
  const forget = (): void => void channels.delete(number)
  const channel = createChannel(number, { write, maxFrameBytes, forget }, listener)
  channels.set(number, channel)
  await channel.call(METHOD.channelOpen, [shortString('')], METHOD.channelOpenOk)
  return channel
}

/** What is written in one go goes out in one go: a message is small, and a call of the system for each is not. */
function gatherWrites(socket: Socket): (bytes: Uint8Array) => void {
  let isGathering = false
  return (bytes) => {
    if (!isGathering) {
      isGathering = true
      socket.cork()
      process.nextTick(() => {
        isGathering = false
        socket.uncork()
      })
    }
    socket.write(bytes)
  }
}

function takeOwn(state: LinkState, payload: Buffer): void {
  const method = payload.readUInt32BE(0)
  const reader = readWire(payload, 4)
  if (method === METHOD.connectionStart) tell(state, METHOD.connectionStartOk, ...signIn(state.address))
  else if (method === METHOD.connectionTune) takeTune(state, reader)
  else if (method === METHOD.connectionOpenOk) state.opened.resolve()
  else if (method === METHOD.connectionBlocked) state.blockedBecause = reader.shortString()
  else if (method === METHOD.connectionUnblocked) state.blockedBecause = null
  else if (method === METHOD.connectionCloseOk) endLink(state, connectionLost('it is closed'))
  else if (method === METHOD.connectionClose) {
    const [code, text] = [reader.uint16(), reader.shortString()]
    tell(state, METHOD.connectionCloseOk)
    endLink(state, failureOfReply(code, text))
  }
}

function takeTune(state: LinkState, reader: WireReader): void {
  const [channelMax, frameMax, heartbeat] = [reader.uint16(), reader.uint32(), reader.uint16()]
  if (channelMax > 0) state.maxChannels = Math.min(channelMax, MAX_CHANNELS)
  if (frameMax > 0) state.maxFrameBytes = Math.min(frameMax, MAX_FRAME_BYTES)
  const seconds = heartbeat === 0 ? HEARTBEAT_SECONDS : Math.min(heartbeat, HEARTBEAT_SECONDS)
  tell(state, METHOD.connectionTuneOk, uint16(state.maxChannels), uint32(state.maxFrameBytes), uint16(seconds))
  tell(state, METHOD.connectionOpen, shortString(state.address.vhost), shortString(''), Buffer.of(0))
  const heartbeatFrame = encodeFrame(FRAME.heartbeat, 0, Buffer.alloc(0))
  state.beat = setInterval(() => state.socket.write(heartbeatFrame), (seconds * 1_000) / 2)
  state.beat.unref()
  state.socket.setTimeout(seconds * 2_000)
}

function listen(state: LinkState): void {
  const { socket, address, channels } = state
  const cut = createFrameCutter()
  const take = (frame: Frame): void => {
    if (frame.channel > 0) channels.get(frame.channel)?.take(frame)
    else if (frame.type === FRAME.method) takeOwn(state, frame.payload)
  }
  socket.setNoDelay(true)
  socket.once(address.tls === null ? 'connect' : 'secureConnect', () => socket.write(PROTOCOL_HEADER))
  socket.on('data', (chunk: Buffer) => {
    try {
      for (const frame of cut(chunk)) take(frame)
    } catch (error) {
      endLink(state, connectionLost(error instanceof Error ? error.message : String(error), error))
    }
  })
  socket.on('error', (error) => endLink(state, connectionLost(error.message, error)))
  socket.on('timeout', () => endLink(state, connectionLost('no sign of life')))
  socket.on('close', () => endLink(state, connectionLost('the server ended it')))
}

function freeNumber(channels: ReadonlyMap<number, unknown>, from: number, max: number): number {
  for (let tried = 0; tried < max; tried += 1) {
    const number = ((from + tried - 1) % max) + 1
    if (!channels.has(number)) return number
  }
  throw new Failure('limit', `all ${max} channels of the connection to RabbitMQ are in use`, { retryable: true })
}

function signIn({ username, password, name }: AmqpAddress): Uint8Array[] {
  return [
    argumentTable({ ...CLIENT, connection_name: name }),
    shortString('PLAIN'),
    longString(`\u0000${username}\u0000${password}`),
    shortString('en_US'),
  ]
}
