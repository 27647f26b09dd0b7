/**
 * What stands on one side of a comparison: one flow, the part of it before or after its redrive or replay, the flows that
 * began in a window of time, or those that a version of a service took part in.
 */
export type ComparisonSide =
  | { readonly kind: 'flow' | 'before' | 'after'; readonly flowKey: string }
  | { readonly kind: 'window'; readonly fromMs: number; readonly toMs: number }
  | { readonly kind: 'version'; readonly service: string; readonly version: string }

/** As it stands in an address: `flow:KEY`, `before:KEY`, `after:KEY`, `window:FROM..TO`, `version:SERVICE@VERSION`. */
export function writeComparisonSide(side: ComparisonSide): string {
  switch (side.kind) {
    case 'window':
      return `window:${side.fromMs}..${side.toMs}`
    case 'version':
      return `version:${side.service}@${side.version}`
    default:
      return `${side.kind}:${side.flowKey}`
  }
}

const WINDOW = /^window:(\d{1,15})\.\.(\d{1,15})$/
const VERSION = /^version:(.+)@([^@]+)$/s
const PART = /^(flow|before|after):(.+)$/s

/** The reverse of {@link writeComparisonSide}; text without a known prefix is the key of a flow. null for nothing. */
export function parseComparisonSide(text: string): ComparisonSide | null {
  const window = WINDOW.exec(text)
  if (window !== null) {
    const [fromMs, toMs] = [Number(window[1]), Number(window[2])]
    return fromMs < toMs ? { kind: 'window', fromMs, toMs } : null
  }
  const version = VERSION.exec(text)
  if (version !== null) return { kind: 'version', service: version[1] ?? '', version: version[2] ?? '' }
  const part = PART.exec(text)
  if (part === null) return text.trim() === '' ? null : { kind: 'flow', flowKey: text.trim() }
  const kind = part[1] === 'before' || part[1] === 'after' ? part[1] : 'flow'
  return { kind, flowKey: part[2] ?? '' }
}
