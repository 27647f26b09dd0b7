/** SQLSTATE classes of a server that cannot serve now: connection, resources (a full disk too), shutdown, input and output. */
const AWAY_STATES = /^(08|53|57P|58)/
const NETWORK_CODES = /^(ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)/
/** What the driver says without a code. */
const AWAY_WORDS =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/

/** Whether a statement failed because the database is not there or cannot write now, however deep the error is wrapped. */
export function isDatabaseAway(thrown: unknown): boolean {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    const { code } = error as { code?: unknown }
    if (typeof code === 'string' && (AWAY_STATES.test(code) || NETWORK_CODES.test(code))) return true
    if (AWAY_WORDS.test(error.message)) return true
  }
  return false
}
