import { connectionLost, failureOfReply } from '#brokers/rabbitmq/amqp/amqp-error.ts'
import {
  encodeFrame,
  FRAME,
  FRAME_OVERHEAD,
  METHOD,
  readWire,
  shortString,
  uint16,
  uint32,
  uint64,
  type Frame,
  type WireReader,
} from '#brokers/rabbitmq/amqp/wire.ts'
import type { Failure } from '#domain/failure.ts'

/** A message as it comes over the wire. `properties` are the flags and the values, as they have to be sent back. */
export interface AmqpContent {
  readonly exchange: string
  readonly routingKey: string
  readonly properties: Buffer
  readonly body: Buffer
}

export interface AmqpDelivery extends AmqpContent {
  readonly deliveryTag: bigint
  readonly isRedelivered: boolean
}

export interface AmqpReturn extends AmqpContent {
  readonly replyCode: number
  readonly replyText: string
}

/** What the server says by itself on a channel. */
export interface ChannelListener {
  onDelivery?(delivery: AmqpDelivery): void
  onReturn?(returned: AmqpReturn): void
  /** Publisher confirms: this tag, or with `isMultiple` all up to it, was taken or refused. */
  onConfirm?(deliveryTag: bigint, isMultiple: boolean, isTaken: boolean): void
  /** The server ended a consumer: its queue is gone. */
  onCancel?(): void
  /** Nothing more comes, and nothing can be sent; not called for a close that we asked for. */
  onClose?(failure: Failure): void
}

export interface AmqpChannel {
  /** One call at a time is answered, in order. @throws Failure when the server closes the channel over it */
  call(method: number, args: readonly Uint8Array[], answer: number): Promise<WireReader>
  /** Sends a method that has no answer. */
  tell(method: number, args: readonly Uint8Array[]): void
  publish(content: AmqpContent, isMandatory: boolean): void
  readonly failure: Failure | null
  close(): Promise<void>
}

/** What a channel needs of its connection. */
export interface ChannelLink {
  write(bytes: Uint8Array): void
  readonly maxFrameBytes: number
  forget(): void
}

interface PendingCall {
  readonly answer: number
  readonly resolve: (reader: WireReader) => void
  readonly reject: (failure: Failure) => void
}

interface OpenContent {
  readonly method: number
  readonly reader: WireReader
  properties: Buffer
  bodyBytes: number
  readonly parts: Buffer[]
}

export interface DrivenChannel extends AmqpChannel {
  take(frame: Frame): void
  end(failure: Failure): void
}

interface ChannelState {
  readonly number: number
  readonly link: ChannelLink
  readonly listener: ChannelListener
  readonly pending: PendingCall[]
  content: OpenContent | null
  failure: Failure | null
  isClosing: boolean
}

/** One channel, driven by the frames that its connection gives it. */
export function createChannel(number: number, link: ChannelLink, listener: ChannelListener): DrivenChannel {
  const state: ChannelState = {
    number,
    link,
    listener,
    pending: [],
    content: null,
    failure: null,
    isClosing: false,
  }
  return {
    call: (method, args, answer) => callOn(state, method, args, answer),
    tell: (method, args) => tellOn(state, method, args),
    end: (failure) => endChannel(state, failure),
    take: (frame) => takeFrame(state, frame),
    get failure() {
      return state.failure
    },
    publish(message, isMandatory) {
      if (state.failure === null) link.write(encodePublish(number, message, isMandatory, link.maxFrameBytes))
    },
    async close() {
      if (state.failure !== null) return
      state.isClosing = true
      const args = [uint16(200), shortString('done'), uint16(0), uint16(0)]
      // However it ends, it is closed.
      await callOn(state, METHOD.channelClose, args, METHOD.channelCloseOk).catch(() => undefined)
      endChannel(state, connectionLost('the channel is closed'))
    },
  }
}

function tellOn({ failure, link, number }: ChannelState, method: number, args: readonly Uint8Array[]): void {
  if (failure === null) link.write(encodeFrame(FRAME.method, number, Buffer.concat([uint32(method), ...args])))
}

function callOn(state: ChannelState, method: number, args: readonly Uint8Array[], answer: number): Promise<WireReader> {
  return new Promise((resolve, reject) => {
    if (state.failure !== null) {
      reject(state.failure)
      return
    }
    state.pending.push({ answer, resolve, reject })
    tellOn(state, method, args)
  })
}

function endChannel(state: ChannelState, why: Failure): void {
  if (state.failure !== null) return
  state.failure = why
  state.link.forget()
  for (const call of state.pending.splice(0)) call.reject(why)
  if (!state.isClosing) state.listener.onClose?.(why)
}

function takeFrame(state: ChannelState, { type, payload }: Frame): void {
  const { content } = state
  if (type === FRAME.method) {
    takeMethod(state, payload)
    return
  }
  if (content === null) return
  if (type === FRAME.header) {
    content.bodyBytes = Number(payload.readBigUInt64BE(4))
    content.properties = payload.subarray(12)
  } else {
    content.parts.push(payload)
    content.bodyBytes -= payload.length
  }
  if (content.bodyBytes > 0) return
  state.content = null
  deliver(content, state.listener)
}

function takeMethod(state: ChannelState, payload: Buffer): void {
  const { listener, pending } = state
  const method = payload.readUInt32BE(0)
  const reader = readWire(payload, 4)
  if (method === METHOD.basicDeliver || method === METHOD.basicReturn) {
    state.content = { method, reader, properties: Buffer.alloc(0), bodyBytes: 0, parts: [] }
  } else if (method === METHOD.basicAck || method === METHOD.basicNack) {
    const tag = reader.uint64()
    listener.onConfirm?.(tag, (reader.uint8() & 1) === 1, method === METHOD.basicAck)
  } else if (method === METHOD.channelClose) {
    const [code, text] = [reader.uint16(), reader.shortString()]
    tellOn(state, METHOD.channelCloseOk, [])
    endChannel(state, failureOfReply(code, text))
  } else if (method === METHOD.basicCancel) {
    listener.onCancel?.()
  } else if (method === METHOD.channelFlow) {
    tellOn(state, METHOD.channelFlowOk, [Buffer.of(reader.uint8())])
  } else if (pending[0]?.answer === method) {
    pending.shift()?.resolve(reader)
  }
}

function deliver({ method, reader, properties, parts }: OpenContent, listener: ChannelListener): void {
  const body = parts.length === 1 ? (parts[0] ?? Buffer.alloc(0)) : Buffer.concat(parts)
  if (method === METHOD.basicDeliver) {
    reader.shortString()
    const deliveryTag = reader.uint64()
    const isRedelivered = (reader.uint8() & 1) === 1
    const [exchange, routingKey] = [reader.shortString(), reader.shortString()]
    listener.onDelivery?.({ deliveryTag, isRedelivered, exchange, routingKey, properties, body })
  } else {
    const [replyCode, replyText] = [reader.uint16(), reader.shortString()]
    const [exchange, routingKey] = [reader.shortString(), reader.shortString()]
    listener.onReturn?.({ replyCode, replyText, exchange, routingKey, properties, body })
  }
}

const BASIC_CLASS = 60

function encodePublish(channel: number, content: AmqpContent, isMandatory: boolean, maxFrameBytes: number): Buffer {
  const { exchange, routingKey, properties, body } = content
  const names = [shortString(exchange), shortString(routingKey), Buffer.of(isMandatory ? 1 : 0)]
  const method = Buffer.concat([uint32(METHOD.basicPublish), uint16(0), ...names])
  const header = Buffer.concat([uint16(BASIC_CLASS), uint16(0), uint64(BigInt(body.length)), properties])
  const frames = [encodeFrame(FRAME.method, channel, method), encodeFrame(FRAME.header, channel, header)]
  const step = maxFrameBytes - FRAME_OVERHEAD
  for (let at = 0; at < body.length; at += step) {
    frames.push(encodeFrame(FRAME.body, channel, body.subarray(at, at + step)))
  }
  return Buffer.concat(frames)
}
