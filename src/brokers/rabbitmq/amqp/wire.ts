/** Class and method of AMQP 0-9-1 as one number: class * 65536 + method (specification, section 1.2). */
const id = (classId: number, methodId: number): number => classId * 65_536 + methodId

export const METHOD = {
  connectionStart: id(10, 10),
  connectionStartOk: id(10, 11),
  connectionTune: id(10, 30),
  connectionTuneOk: id(10, 31),
  connectionOpen: id(10, 40),
  connectionOpenOk: id(10, 41),
  connectionClose: id(10, 50),
  connectionCloseOk: id(10, 51),
  connectionBlocked: id(10, 60),
  connectionUnblocked: id(10, 61),
  channelOpen: id(20, 10),
  channelOpenOk: id(20, 11),
  channelFlow: id(20, 20),
  channelFlowOk: id(20, 21),
  channelClose: id(20, 40),
  channelCloseOk: id(20, 41),
  queueDeclare: id(50, 10),
  queueDeclareOk: id(50, 11),
  basicQos: id(60, 10),
  basicQosOk: id(60, 11),
  basicConsume: id(60, 20),
  basicConsumeOk: id(60, 21),
  basicCancel: id(60, 30),
  basicCancelOk: id(60, 31),
  basicPublish: id(60, 40),
  basicReturn: id(60, 50),
  basicDeliver: id(60, 60),
  basicAck: id(60, 80),
  basicNack: id(60, 120),
  confirmSelect: id(85, 10),
  confirmSelectOk: id(85, 11),
} as const

export const FRAME = { method: 1, header: 2, body: 3, heartbeat: 8 } as const
const FRAME_END = 0xce
/** Type, channel and size before the payload, one end byte after it. */
export const FRAME_OVERHEAD = 8

export function encodeFrame(type: number, channel: number, payload: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(payload.length + FRAME_OVERHEAD)
  frame.writeUInt8(type, 0)
  frame.writeUInt16BE(channel, 1)
  frame.writeUInt32BE(payload.length, 3)
  frame.set(payload, 7)
  frame.writeUInt8(FRAME_END, payload.length + 7)
  return frame
}

export interface Frame {
  readonly type: number
  readonly channel: number
  readonly payload: Buffer
}

/** Cuts a stream of bytes into frames; what is incomplete waits for the next bytes. */
export function createFrameCutter(): (chunk: Buffer) => readonly Frame[] {
  let waiting: Buffer[] = []
  let waitingBytes = 0
  let wantedBytes = FRAME_OVERHEAD
  return (chunk) => {
    waiting.push(chunk)
    waitingBytes += chunk.length
    if (waitingBytes < wantedBytes) return []
    let bytes = waiting.length === 1 ? chunk : Buffer.concat(waiting)
    const frames: Frame[] = []
    wantedBytes = FRAME_OVERHEAD
    while (bytes.length >= FRAME_OVERHEAD) {
      const size = bytes.readUInt32BE(3) + FRAME_OVERHEAD
      wantedBytes = size
      if (bytes.length < size) break
      if (bytes[size - 1] !== FRAME_END) throw new Error('a frame without its end: this is not AMQP 0-9-1')
      frames.push({ type: bytes.readUInt8(0), channel: bytes.readUInt16BE(1), payload: bytes.subarray(7, size - 1) })
      bytes = bytes.subarray(size)
      wantedBytes = FRAME_OVERHEAD
    }
    waiting = bytes.length === 0 ? [] : [bytes]
    waitingBytes = bytes.length
    return frames
  }
}

/** @throws RangeError beyond 255 bytes */
export function shortString(text: string | Uint8Array): Buffer {
  const bytes = typeof text === 'string' ? Buffer.from(text, 'utf8') : text
  if (bytes.length > 255) throw new RangeError('a name of AMQP has at most 255 bytes')
  return Buffer.concat([Buffer.of(bytes.length), bytes])
}

export function longString(text: string | Uint8Array): Buffer {
  const bytes = typeof text === 'string' ? Buffer.from(text, 'utf8') : text
  return Buffer.concat([uint32(bytes.length), bytes])
}

export function uint16(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(2)
  bytes.writeUInt16BE(value)
  return bytes
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4)
  bytes.writeUInt32BE(value)
  return bytes
}

export function uint64(value: bigint): Buffer {
  const bytes = Buffer.allocUnsafe(8)
  bytes.writeBigUInt64BE(value)
  return bytes
}

export type ArgumentValue = string | number | boolean | Date | { readonly [name: string]: ArgumentValue }

/** A field table of plain values, for arguments and client properties. Numbers are written as 64-bit integers. */
export function argumentTable(values: Readonly<Record<string, ArgumentValue>>): Buffer {
  return longString(
    Buffer.concat(Object.entries(values).map(([name, value]) => Buffer.concat([shortString(name), field(value)]))),
  )
}

function field(value: ArgumentValue): Buffer {
  if (typeof value === 'string') return Buffer.concat([Buffer.from('S'), longString(value)])
  if (typeof value === 'boolean') return Buffer.concat([Buffer.from('t'), Buffer.of(value ? 1 : 0)])
  if (typeof value === 'number') return Buffer.concat([Buffer.from('l'), uint64(BigInt.asUintN(64, BigInt(value)))])
  if (value instanceof Date)
    return Buffer.concat([Buffer.from('T'), uint64(BigInt(Math.floor(value.getTime() / 1_000)))])
  return Buffer.concat([Buffer.from('F'), argumentTable(value)])
}

/** Reads the arguments of a method one after the other. */
export interface WireReader {
  uint8(): number
  uint16(): number
  uint32(): number
  uint64(): bigint
  shortString(): string
  longBytes(): Buffer
}

export function readWire(bytes: Buffer, from = 0): WireReader {
  let at = from
  const take = (count: number): number => {
    at += count
    return at - count
  }
  return {
    uint8: () => bytes.readUInt8(take(1)),
    uint16: () => bytes.readUInt16BE(take(2)),
    uint32: () => bytes.readUInt32BE(take(4)),
    uint64: () => bytes.readBigUInt64BE(take(8)),
    shortString: () => {
      const size = bytes.readUInt8(take(1))
      return bytes.toString('utf8', take(size), at)
    },
    longBytes: () => {
      const size = bytes.readUInt32BE(take(4))
      return bytes.subarray(take(size), at)
    },
  }
}
