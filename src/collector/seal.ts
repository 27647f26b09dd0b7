import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { Failure } from '#domain/failure.ts'

/** Envelope: version byte, 12 bytes nonce, 16 bytes tag, ciphertext. The cluster id is authenticated, not contained. */
const VERSION = 1
const NONCE_BYTES = 12
const TAG_BYTES = 16

export type ClusterSecret = Readonly<Record<string, unknown>>

/** Seals broker credentials with AES-256-GCM, so that an envelope copied to another cluster's row does not open. */
export function sealSecret(sealKey: string, clusterId: string, secret: ClusterSecret): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', deriveKey(sealKey), nonce)
  cipher.setAAD(Buffer.from(clusterId))
  const sealed = Buffer.concat([cipher.update(JSON.stringify(secret), 'utf8'), cipher.final()])
  return Buffer.concat([Buffer.of(VERSION), nonce, cipher.getAuthTag(), sealed])
}

/** @throws Failure `invalid` when the key is another one, the envelope was changed, or it belongs to another cluster. */
export function unsealSecret(sealKey: string, clusterId: string, envelope: Uint8Array): ClusterSecret {
  const bytes = Buffer.from(envelope)
  const body = 1 + NONCE_BYTES + TAG_BYTES
  try {
    if (bytes[0] !== VERSION || bytes.length < body) throw new Error('unknown envelope')
    const decipher = createDecipheriv('aes-256-gcm', deriveKey(sealKey), bytes.subarray(1, 1 + NONCE_BYTES))
    decipher.setAAD(Buffer.from(clusterId))
    decipher.setAuthTag(bytes.subarray(1 + NONCE_BYTES, body))
    const text = Buffer.concat([decipher.update(bytes.subarray(body)), decipher.final()]).toString('utf8')
    return JSON.parse(text) as ClusterSecret
  } catch (cause) {
    throw new Failure('invalid', `the sealed credentials of ${clusterId} do not open with this collector's seal key`, {
      cause,
    })
  }
}

function deriveKey(sealKey: string): Buffer {
  return Buffer.from(hkdfSync('sha256', sealKey, '', 'throughline cluster secret', 32))
}
