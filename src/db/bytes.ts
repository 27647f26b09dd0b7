import { customType } from 'drizzle-orm/pg-core'

/** bytea as Buffer, which Drizzle 0.45 does not bring. */
export const bytes = customType<{ data: Uint8Array; driverData: Buffer }>({
  dataType: () => 'bytea',
  toDriver: (value) => Buffer.from(value.buffer, value.byteOffset, value.byteLength),
  fromDriver: (value) => value,
})
