import { murmur2 } from '@platformatic/kafka'

const POSITIVE = 0x7fff_ffff

/**
 * Where Java producers put a key (murmur2, sign bit cleared, modulo), so that a copy lands beside its siblings; the
 * client's own default keeps the sign bit and disagrees. Messages without a key take turns by call.
 */
export function choosePartition(key: Uint8Array | null, partitions: number, turn: number): number {
  if (key === null) return turn % partitions
  return (murmur2(Buffer.from(key)) & POSITIVE) % partitions
}
