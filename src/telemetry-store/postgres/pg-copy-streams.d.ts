declare module 'pg-copy-streams' {
  import type { Submittable } from 'pg'
  import type { Writable } from 'node:stream'

  /** A statement `COPY ... FROM STDIN` to pass to `client.query`, and the stream that feeds it. */
  export function from(statement: string): Writable & Submittable
}
