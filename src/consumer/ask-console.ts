/** An order that asks for more than this is not one of the console's. */
const MAX_REMAINING_MS = 86_400_000
/** The largest honest answer is a tenth of this. */
const MAX_ANSWER_CHARS = 65_536
const MAX_ASK_AGAIN_MS = 60_000

export interface ConsolePlace {
  readonly url: string
  readonly token: string
}

/** What a consumer says of itself with every question. */
export interface Report {
  readonly cluster: string
  readonly group: string
  readonly member: string
  readonly name: string
  readonly state: 'running' | 'pausing' | 'paused' | 'leaving'
  readonly lease: string | null
  readonly inFlight: number | null
  readonly problem: string | null
  readonly seen: string | null
  readonly waitMs: number
}

export interface Answer {
  readonly revision: string
  /** null = take messages. */
  readonly lease: {
    readonly id: string
    readonly remainingMs: number
    readonly reason: string
    readonly by: string
  } | null
  readonly askAgainMs: number
}

/**
 * One question to the console's control channel.
 *
 * @throws Error for everything that is not an order to the letter: no answer, another status, an answer not understood
 */
export async function askConsole({ url, token }: ConsolePlace, report: Report, signal: AbortSignal): Promise<Answer> {
  const response = await fetch(new URL('/v1/consumer', url), {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(report),
    // The token goes to the console and nowhere else.
    redirect: 'error',
    signal,
  })
  const text = await readBounded(response)
  if (response.status !== 200) throw new Error(`the console answers ${response.status}: ${text.slice(0, 200)}`)
  return readAnswer(JSON.parse(text))
}

async function readBounded(response: Response): Promise<string> {
  if (response.body === null) return ''
  const decoder = new TextDecoder()
  let text = ''
  for await (const part of response.body) {
    text += decoder.decode(part, { stream: true })
    if (text.length > MAX_ANSWER_CHARS) throw new Error('the console’s answer is too long')
  }
  return text
}

function readAnswer(value: unknown): Answer {
  const { order, revision, lease, askAgainMs } = recordOf(value)
  if (typeof revision !== 'string' || (order !== 'run' && order !== 'pause'))
    throw new Error('the console’s answer is not understood')
  const againMs = typeof askAgainMs === 'number' && askAgainMs >= 0 ? Math.min(askAgainMs, MAX_ASK_AGAIN_MS) : 0
  if (order === 'run') return { revision, lease: null, askAgainMs: againMs }
  const { id, remainingMs, reason, by } = recordOf(lease)
  if (typeof id !== 'string' || typeof remainingMs !== 'number' || !(remainingMs > 0)) {
    throw new Error('the console asks for a pause without an end')
  }
  const kept = { id, remainingMs: Math.min(remainingMs, MAX_REMAINING_MS), reason: String(reason), by: String(by) }
  return { revision, lease: kept, askAgainMs: againMs }
}

const recordOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}
