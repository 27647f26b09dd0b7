import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Secrets {
  /** Signs and hashes what the web process hands out. */
  readonly webSecret: string
  /** Opens sealed broker credentials; goes to the collector alone. */
  readonly sealKey: string
  /** Opens the control channel of the consumers; the shop gets it too. */
  readonly consumerToken: string
}

/** The installation's secrets: from the environment, else made once and kept in files that only this user can read. */
export function keepSecrets(folder: string): Secrets {
  const secrets = join(folder, 'secrets')
  mkdirSync(secrets, { recursive: true, mode: 0o700 })
  return {
    webSecret: process.env['THROUGHLINE_SECRET'] ?? keepSecret(join(secrets, 'web')),
    sealKey: process.env['THROUGHLINE_SEAL_KEY'] ?? keepSecret(join(secrets, 'seal-key')),
    consumerToken: keepSecret(join(secrets, 'consumer-token')),
  }
}

function keepSecret(file: string): string {
  if (!existsSync(file)) writeFileSync(file, randomBytes(48).toString('base64url'), { mode: 0o600, flag: 'wx' })
  chmodSync(file, 0o600)
  return readFileSync(file, 'utf8').trim()
}
