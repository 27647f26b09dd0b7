import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import avro from 'avsc'
import protobuf from 'protobufjs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findFreePort } from '../../../launcher/free-port.ts'
import {
  canRunSchemaRegistry,
  type SchemaRegistryServer,
  startSchemaRegistry,
} from '../../../launcher/servers/schema-registry.ts'
import { signalOf } from '#brokers/contract-harness.ts'
import { openSchemaRegistry, type SchemaRegistry } from '#brokers/schema-registry/open-schema-registry.ts'

const runnable = canRunSchemaRegistry()
const missing = runnable.ok ? null : runnable.reason
/** The first time the program comes from Maven Central. */
const FETCHING_MS = 300_000
/** A busy machine's registry may answer slowly; how soon it is given up is tested beside its requests. */
const PATIENCE_MS = 30_000

describe.skipIf(missing !== null)(`a schema registry${missing === null ? '' : ` (skipped: ${missing})`}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-registry-'))
  let server: SchemaRegistryServer
  let registry: SchemaRegistry

  const register = async (subject: string, schema: object): Promise<number> => {
    const response = await fetch(`${server.url}/subjects/${encodeURIComponent(subject)}/versions`, {
      method: 'POST',
      headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
      body: JSON.stringify(schema),
    })
    expect(response.status).toBe(200)
    return ((await response.json()) as { id: number }).id
  }
  const frame = (id: number, ...body: readonly Uint8Array[]): Buffer => {
    const head = Buffer.alloc(5)
    head.writeInt32BE(id, 1)
    return Buffer.concat([head, ...body])
  }
  const decode = (bytes: Uint8Array, ...topics: string[]) => registry.decode(bytes, 'value', topics, signalOf())
  const judge = (bytes: Uint8Array, topic: string) => registry.judge(bytes, topic, signalOf())

  beforeAll(async () => {
    server = await startSchemaRegistry({ folder, port: await findFreePort(0) })
    registry = openSchemaRegistry({ url: server.url }, {}, PATIENCE_MS)
  }, FETCHING_MS)

  afterAll(async () => {
    registry?.close()
    await server?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  const money = {
    type: 'record',
    name: 'Money',
    namespace: 'shop',
    fields: [
      { name: 'amount', type: { type: 'bytes', logicalType: 'decimal', precision: 30, scale: 2 } },
      { name: 'currency', type: { type: 'enum', name: 'Currency', symbols: ['EUR', 'USD'] } },
    ],
  }
  const order = {
    type: 'record',
    name: 'Order',
    namespace: 'shop',
    fields: [
      { name: 'id', type: 'string' },
      { name: 'total', type: 'Money' },
    ],
  }

  test('Avro is decoded with the schemas that it refers to, under the subject of its topic', async () => {
    await register('money', { schema: JSON.stringify(money) })
    const references = [{ name: 'shop.Money', subject: 'money', version: 1 }]
    const id = await register('orders-value', { schema: JSON.stringify(order), references })
    expect(await register('copies-value', { schema: JSON.stringify(order), references })).toBe(id)
    const whole = { ...order, fields: [order.fields[0], { name: 'total', type: money }] } as avro.Schema
    const body = avro.Type.forSchema(whole).toBuffer({
      id: 'o-1',
      total: { amount: Buffer.from('00ffffffffffffffff01', 'hex'), currency: 'USD' },
    })
    const decoded = await decode(frame(id, body), 'orders-dlt', 'copies')
    expect(decoded).toEqual({
      outcome: 'decoded',
      schema: { kind: 'avro', name: 'shop.Order', id, subject: 'copies-value', version: 1 },
      json: '{"id":"o-1","total":{"amount":47223664828696452134.41,"currency":"USD"}}',
    })
    expect(await judge(frame(id, body), 'orders')).toEqual({ outcome: 'fits' })
    expect(await judge(frame(id, body), 'free-for-all')).toEqual({ outcome: 'no-schema' })
    expect(await judge(Buffer.from('{"id":1}'), 'orders')).toMatchObject({ outcome: 'no-schema-id' })
  })

  test('Protobuf is decoded at its message index, with imports and the names of its file', async () => {
    await register('common.proto', {
      schemaType: 'PROTOBUF',
      schema: 'syntax = "proto3"; package shop; enum Kind { UNKNOWN = 0; CARD = 1; }',
    })
    const text = `syntax = "proto3"; package shop;
      import "common.proto"; import "google/protobuf/timestamp.proto";
      message Unused { int32 x = 1; }
      message Outer { message Payment { int64 id = 1; Kind kind = 2; google.protobuf.Timestamp paid_at = 3; map<string, uint64> parts = 4; } }`
    const id = await register('payments-value', {
      schemaType: 'PROTOBUF',
      schema: text,
      references: [{ name: 'common.proto', subject: 'common.proto', version: 1 }],
    })
    const { root } = protobuf.parse(
      'syntax = "proto3"; message T { int64 seconds = 1; int32 nanos = 2; } message P { int64 id = 1; int32 kind = 2; T paid_at = 3; map<string, uint64> parts = 4; }',
      { keepCase: true },
    )
    const type = root.lookupType('P')
    const body = type
      .encode(
        type.fromObject({
          id: '9223372036854775807',
          kind: 1,
          paid_at: { seconds: 1_700_000_000, nanos: 5 },
          parts: { a: '18446744073709551615' },
        }),
      )
      .finish()
    // Two indexes, 1 and 0, in zigzag.
    expect(await decode(frame(id, Buffer.of(4, 2, 0), body), 'payments')).toEqual({
      outcome: 'decoded',
      schema: { kind: 'protobuf', name: 'shop.Outer.Payment', id, subject: 'payments-value', version: 1 },
      json: '{"id":9223372036854775807,"kind":"CARD","paid_at":"2023-11-14T22:13:20.000000005Z","parts":{"a":18446744073709551615}}',
    })
    expect(await decode(frame(id, Buffer.of(4, 2, 2), body), 'payments')).toMatchObject({
      outcome: 'failed',
      reason: 'its schema has no message where the payload points',
    })
  })

  test('JSON with a schema is shown as it was written, and judged with or without an id', async () => {
    const schema = {
      $schema: 'http://json-schema.org/draft-07/schema#',
      title: 'Refund',
      type: 'object',
      required: ['total'],
      properties: { total: { type: 'number' } },
    }
    const id = await register('refunds-value', { schemaType: 'JSON', schema: JSON.stringify(schema) })
    const body = Buffer.from('{"total": 12345678901234567890.10}')
    expect(await decode(frame(id, body), 'refunds')).toMatchObject({
      schema: { kind: 'json-schema', name: 'Refund', id },
      json: '{"total": 12345678901234567890.10}',
    })
    expect(await judge(frame(id, body), 'refunds')).toEqual({ outcome: 'fits' })
    expect(await judge(body, 'refunds')).toEqual({ outcome: 'fits' })
    expect(await judge(Buffer.from('{"total":"much"}'), 'refunds')).toMatchObject({
      outcome: 'does-not-fit',
      reason: '/total must be number',
    })
    expect(await judge(frame(id, Buffer.from('{"total":')), 'refunds')).toMatchObject({
      outcome: 'does-not-decode',
      reason: 'it is no JSON',
    })
  })

  test('what the latest schema of the destination cannot read is told before it is sent', async () => {
    const first = { type: 'record', name: 'Stock', fields: [{ name: 'count', type: 'int' }] }
    const second = { ...first, fields: [...first.fields, { name: 'place', type: 'string' }] }
    const id = await register('stock-value', { schema: JSON.stringify(first) })
    await fetch(`${server.url}/config/stock-value`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ compatibility: 'NONE' }),
    })
    const latest = await register('stock-value', { schema: JSON.stringify(second) })
    const verdict = await judge(frame(id, Buffer.of(2)), 'stock')
    expect(verdict).toMatchObject({ outcome: 'does-not-fit' })
    expect(verdict).toHaveProperty('reason', `what schema ${id} writes cannot be read with the latest one, ${latest}`)
    expect(await judge(frame(id), 'stock')).toMatchObject({ outcome: 'does-not-decode', reason: 'it ends too early' })
  })

  test('an id that nobody knows, an address that is none and a registry that is down are told apart', async () => {
    expect(await decode(frame(999_999), 'orders')).toMatchObject({
      outcome: 'failed',
      schemaId: 999_999,
      reason: 'the registry knows no schema with the id 999999',
      isTemporary: false,
    })
    expect(await decode(Buffer.from('plain text'), 'orders')).toBeNull()
    const astray = openSchemaRegistry({ url: `${server.url}/nowhere` }, {}, PATIENCE_MS)
    expect(await astray.decode(frame(1), 'value', [], signalOf())).toMatchObject({ isTemporary: true })
    const down = openSchemaRegistry({ url: `http://127.0.0.1:${await findFreePort(0)}` }, {}, PATIENCE_MS)
    expect(await down.decode(frame(1), 'value', [], signalOf())).toMatchObject({
      reason: expect.stringContaining('cannot be reached'),
      isTemporary: true,
    })
    expect(await down.judge(frame(1), 'orders', signalOf())).toMatchObject({ outcome: 'unchecked' })
  })
})
