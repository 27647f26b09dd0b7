/**
 * Bytes that their schema does not describe. `reason` is one clause that many messages share, `detail` says where in this
 * one.
 */
export class Undecodable extends Error {
  readonly reason: string
  readonly detail: string | null

  constructor(reason: string, detail: string | null = null) {
    super(detail === null ? reason : `${reason} (${detail})`)
    this.name = 'Undecodable'
    this.reason = reason
    this.detail = detail
  }
}
