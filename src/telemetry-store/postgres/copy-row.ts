import type { ByteWriter } from '#otlp/byte-writer.ts'

/** Postgres' binary COPY format: a header, rows of length-prefixed fields, a trailer. */
export const COPY_HEADER: Buffer = Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), Buffer.alloc(8)])
export const COPY_TRAILER: Buffer = Buffer.from([0xff, 0xff])

const DAY_MS = 86_400_000
const DAYS_TO_2000 = 10_957

/** The UTC day of a time, as Postgres counts dates in binary: days since 2000-01-01. */
export const dayNumber = (nowMs: number): number => Math.floor(nowMs / DAY_MS) - DAYS_TO_2000

/** `2026-11-21` for a day number. */
export const dayText = (day: number): string => new Date((day + DAYS_TO_2000) * DAY_MS).toISOString().slice(0, 10)

export function putNull(row: ByteWriter): void {
  row.int32(-1)
}

export function putInt2(row: ByteWriter, value: number): void {
  row.int32(2)
  row.int16(value)
}

export function putInt4(row: ByteWriter, value: number): void {
  row.int32(4)
  row.int32(value)
}

/** Counts that are nearly always zero are stored as NULL, which costs nothing on disk. */
export function putCount(row: ByteWriter, value: number): void {
  if (value === 0) putNull(row)
  else putInt4(row, Math.min(value, 2_147_483_647))
}

export function putInt8(row: ByteWriter, value: number): void {
  row.int32(8)
  row.int64(value)
}

export function putBoolean(row: ByteWriter, value: boolean): void {
  row.int32(1)
  row.byte(value ? 1 : 0)
}

/** bytea, uuid, json: the bytes as they are. */
export function putBytes(row: ByteWriter, source: Uint8Array, start: number, end: number): void {
  row.int32(end - start)
  row.raw(source, start, end)
}

/** Text that is already free of what Postgres refuses. */
export function putText(row: ByteWriter, text: string | null): void {
  if (text === null) {
    row.int32(-1)
    return
  }
  const lengthAt = row.length
  row.int32(0)
  row.utf8(text)
  const end = row.length
  row.length = lengthAt
  row.int32(end - lengthAt - 4)
  row.length = end
}

/** JSON that a writer collected; NULL when it is empty. */
export function putJson(row: ByteWriter, json: ByteWriter): void {
  if (json.length === 0) putNull(row)
  else putBytes(row, json.bytes, 0, json.length)
}
