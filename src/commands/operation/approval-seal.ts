import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'

/** What a second person has agreed to, and when: all of it is under the signature. */
export interface ApprovalStatement {
  readonly operationId: string
  /** SHA-256 over everything that the operation would do. */
  readonly planHash: string
  readonly byId: string
  readonly byName: string
  readonly reason: string
  /** Whole milliseconds since the epoch, by the database's clock. */
  readonly atMs: number
}

/** Signs approvals and knows its own signatures again: whoever can write to the database alone cannot approve. */
export interface ApprovalSeal {
  sign(statement: ApprovalStatement): string
  isGenuine(statement: ApprovalStatement, signature: string): boolean
}

/** HMAC-SHA-256 in hex, with a key of its own derived from the installation's secret (at least 32 bytes). */
export function createApprovalSeal(secret: string): ApprovalSeal {
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'throughline approval', 32))
  const digest = ({ operationId, planHash, byId, byName, reason, atMs }: ApprovalStatement): Buffer =>
    createHmac('sha256', key)
      .update(JSON.stringify([1, operationId, planHash, byId, byName, reason, atMs]))
      .digest()
  return {
    sign: (statement) => digest(statement).toString('hex'),
    isGenuine: (statement, signature) => {
      const given = Buffer.from(signature, 'hex')
      const wanted = digest(statement)
      return given.length === wanted.length && timingSafeEqual(given, wanted)
    },
  }
}
