import { rememberRecent } from '#domain/remember-recent.ts'

/** One exception of a chain, as its printed stack shows it; frames innermost call first. */
export interface TracedException {
  readonly exceptionClass: string
  readonly message: string | null
  readonly frames: readonly StackFrame[]
}

export interface StackFrame {
  /** Function with its class or package, as printed. */
  readonly place: string
  /** Path or file name without line; null when the stack does not say. */
  readonly file: string | null
  readonly language: 'java' | 'node' | 'python' | 'go' | 'dotnet'
}

interface OpenException {
  exceptionClass: string
  message: string | null
  frames: StackFrame[]
}

/** A printed stack beyond this is cut before it is read: what matters is at its ends of the first exceptions. */
const MAX_LINES = 600

/** `x.y.Boom: text`, `Boom [CODE]: text`, `Unhandled exception. X.Boom: text`. */
const HEAD =
  /^(?:Exception in thread "[^"]*" |Unhandled exception\. |Uncaught )?([A-Za-z_][\w.$`+]*)(?: \[[\w-]+\])?(?:: (.*)|:?)$/
const JAVA_FRAME = /^\s+at (?:[\w.@-]*\/)*([\w.$<>-]+\.[\w$<>-]+)\(([^)]*)\)/
const NODE_FRAME =
  /^\s+at (?:async )?(?:new )?(?:(.+?) (?:\[as [^\]]+\] )?\()?((?:file:|node:|\/|[A-Za-z]:\\|webpack|internal\/|native|<anonymous>|\w)[^()]*?)(?::\d+)?(?::\d+)?\)?$/
const DOTNET_FRAME = /^\s+at ([\w.<>`+[\],|]+(?:\([^)]*\))?)(?: in (.+):line \d+)?\s*$/
const PYTHON_FRAME = /^\s+File "([^"]+)", line \d+, in (.+)$/
const GO_FRAME = /^([\w./()*[\]·~-]+)\((?:[^)]*)\)$/
const GO_FILE = /^\s+(\/\S+\.go|\w:\S+\.go):\d+/

/**
 * The chain of exceptions in a printed stack, outermost first, for Java, Node, Python, Go and .NET. Anything that is not
 * understood is skipped; an unreadable text gives an empty chain.
 */
export const parseStackTrace = rememberRecent(200, readChain)

function readChain(text: string): readonly TracedException[] {
  const lines = text.split(/\r?\n/).slice(0, MAX_LINES)
  if (lines.some((line) => line.startsWith('Traceback (most recent call last)'))) return parsePython(lines)
  if (lines.some((line) => /^goroutine \d+ /.test(line)) || lines.some((line) => GO_FILE.test(line)))
    return parseGo(lines)
  return parseAtFrames(lines)
}

/** Java, Node and .NET: `at ...` lines under a head line. .NET prints the inner exceptions' heads first, frames inside out. */
function parseAtFrames(lines: readonly string[]): readonly TracedException[] {
  const chain: OpenException[] = []
  let at = -1
  for (const line of lines) {
    if (/^\s*--- End of inner exception stack trace ---/.test(line)) {
      at = Math.max(0, at - 1)
      continue
    }
    const frame = readAtFrame(line)
    if (frame !== null) {
      chain[at]?.frames.push(frame)
      continue
    }
    const head = readHead(line, chain.length === 0)
    if (head === null) continue
    chain.push(head)
    at = chain.length - 1
  }
  return chain
}

const CAUSE = /^\s*(?:Caused by: |\[cause\]: |---> (?:\(Inner Exception #\d+\) )?)/

function readHead(line: string, isFirst: boolean): OpenException | null {
  const isCause = CAUSE.test(line)
  if (!isCause && !isFirst) return null
  const match = HEAD.exec(line.replace(CAUSE, '').trim().replace(/ \{$/, ''))
  if (match?.[1] === undefined) return null
  return { exceptionClass: match[1], message: match[2]?.trim() || null, frames: [] }
}

function readAtFrame(line: string): StackFrame | null {
  const java = JAVA_FRAME.exec(line)
  if (
    java?.[1] !== undefined &&
    /^(?:[\w$-]+\.(?:java|kt|scala|groovy)(?::\d+)?|Native Method|Unknown Source)$/.test(java[2] ?? '')
  ) {
    const file = (java[2] ?? '').replace(/:\d+$/, '')
    return { place: java[1], file: /\.\w+$/.test(file) ? file : null, language: 'java' }
  }
  const dotnet = DOTNET_FRAME.exec(line)
  if (dotnet?.[1]?.includes('.') && (dotnet[2] !== undefined || /\)\s*$/.test(line)) && !/:\d+\)?\s*$/.test(line)) {
    return { place: dotnet[1].replace(/\(.*$/, ''), file: dotnet[2] ?? null, language: 'dotnet' }
  }
  const node = NODE_FRAME.exec(line)
  if (node?.[2] === undefined) return null
  return { place: node[1] ?? '<anonymous>', file: node[2].replace(/^file:\/\//, ''), language: 'node' }
}

/** Python prints the innermost call last and the cause before its effect. */
function parsePython(lines: readonly string[]): readonly TracedException[] {
  const chain: TracedException[] = []
  let frames: StackFrame[] = []
  let isInside = false
  for (const line of lines) {
    if (line.startsWith('Traceback (most recent call last)')) {
      frames = []
      isInside = true
      continue
    }
    const frame = PYTHON_FRAME.exec(line)
    if (frame?.[1] !== undefined && frame[2] !== undefined) {
      frames.unshift({ place: frame[2], file: frame[1], language: 'python' })
      continue
    }
    const head = isInside && /^\S/.test(line) ? HEAD.exec(line) : null
    if (head?.[1] === undefined) continue
    chain.unshift({ exceptionClass: head[1], message: head[2]?.trim() || null, frames })
    isInside = false
  }
  return chain
}

/** Go has no classes: `panic: text` or the first line is the message, the class is `panic` or `error`. */
function parseGo(lines: readonly string[]): readonly TracedException[] {
  const frames: StackFrame[] = []
  let place: string | null = null
  for (const line of lines) {
    const file = GO_FILE.exec(line)
    if (file?.[1] !== undefined && place !== null) {
      frames.push({ place, file: file[1], language: 'go' })
      place = null
      continue
    }
    place = GO_FRAME.exec(line.trim())?.[1] ?? (/^[\w./*()-]+$/.test(line.trim()) ? line.trim() : null)
  }
  const panic = lines.find((line) => line.startsWith('panic: '))
  const first = lines.find((line) => line.trim() !== '' && !/^goroutine \d+ /.test(line))
  const message = panic?.slice('panic: '.length) ?? (first !== undefined && !GO_FRAME.test(first) ? first : null)
  return [{ exceptionClass: panic === undefined ? 'error' : 'panic', message, frames }]
}
