import type pg from 'pg'

/** A statement that each connection prepares once; its values in Postgres' text form. */
export interface BurstStatement {
  readonly name: string
  readonly text: string
  readonly values: readonly (string | null)[]
}

/** COPY ... FROM STDIN with all that it copies. The chunks must stay as they are until the burst is answered. */
export interface BurstCopy {
  readonly text: string
  readonly chunks: readonly Buffer[]
}

export type BurstPart = BurstStatement | BurstCopy

/** The columns of a row as texts. */
export type BurstRow = readonly (string | null)[]

/**
 * Sends several statements at once and gives the rows of each. The driver waits for each answer before it sends what
 * comes next: in a busy process a connection then stands idle for most of its time. The parts run in order; none runs
 * after one that failed. Belongs into a transaction.
 * @throws the error of the first part that failed, as the driver has it.
 */
export function sendBurst(
  client: pg.ClientBase,
  parts: readonly BurstPart[],
): Promise<readonly (readonly BurstRow[])[]> {
  if (parts.length === 0) return Promise.resolve([])
  return new Promise((resolve, reject) => {
    client.query(new Burst(parts, (error, rows) => (error === null ? resolve(rows) : reject(error))))
  })
}

/** Names of statements that a connection is sure to have. */
const preparedOn = new WeakMap<pg.Connection, Set<string>>()

const COPY_DATA = 0x64
const COPY_DONE = Buffer.from([0x63, 0, 0, 0, 4])

type Answered = (error: Error | null, rows: readonly (readonly BurstRow[])[]) => void

/** One turn of the extended query protocol with many statements in it, and a single synchronisation at its end. */
class Burst implements pg.Submittable {
  /** The driver puts its own before it when it has a time limit. */
  callback: Answered
  readonly #parts: readonly BurstPart[]
  readonly #rows: BurstRow[][]
  #answeredCount = 0
  #connection: pg.Connection | null = null

  constructor(parts: readonly BurstPart[], answered: Answered) {
    this.#parts = parts
    this.#rows = parts.map(() => [])
    this.callback = answered
  }

  submit(connection: pg.Connection): void {
    this.#connection = connection
    const prepared = preparedOn.get(connection) ?? new Set<string>()
    preparedOn.set(connection, prepared)
    connection.stream.cork()
    for (const part of this.#parts) {
      if ('chunks' in part) submitCopy(connection, part)
      else submitStatement(connection, part, prepared)
    }
    connection.sync()
    connection.stream.uncork()
  }

  handleDataRow({ fields }: { readonly fields: BurstRow }): void {
    this.#rows[this.#answeredCount]?.push(fields)
  }

  handleCommandComplete(): void {
    this.#answeredCount += 1
  }

  handleEmptyQuery(): void {
    this.#answeredCount += 1
  }

  /** What is copied is on its way already. */
  handleCopyInResponse(): void {}

  handleError(error: Error): void {
    this.callback(error, [])
  }

  handleReadyForQuery(): void {
    const prepared = this.#connection === null ? undefined : preparedOn.get(this.#connection)
    for (const part of this.#parts) if ('name' in part) prepared?.add(part.name)
    this.callback(null, this.#rows)
  }
}

function submitStatement(connection: pg.Connection, part: BurstStatement, prepared: ReadonlySet<string>): void {
  const { name, text } = part
  if (!prepared.has(name)) {
    // A burst that failed may have got as far as this one or not; to close what is not there is no error.
    connection.close({ name, type: 'S' }, true)
    connection.parse({ name, text, types: [] }, true)
  }
  connection.bind({ statement: name, values: [...part.values] }, true)
  connection.execute(null, true)
}

function submitCopy(connection: pg.Connection, { text, chunks }: BurstCopy): void {
  connection.parse({ name: '', text, types: [] }, true)
  connection.bind({}, true)
  connection.execute(null, true)
  for (const chunk of chunks) {
    const head = Buffer.allocUnsafe(5)
    head[0] = COPY_DATA
    head.writeInt32BE(chunk.length + 4, 1)
    connection.stream.write(head)
    connection.stream.write(chunk)
  }
  connection.stream.write(COPY_DONE)
}
