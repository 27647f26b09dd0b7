import type { SchemaObjection, SchemaVerdict } from '#domain/schema/schema-answer.ts'

/** What the schema registry says of the messages that would be sent. */
export interface PlannedSchemas {
  /** They decode, and fit the latest schema of their destination. */
  readonly fitCount: number
  /** Their destination has no schema to compare with; those that carry an id decode. */
  readonly noSchemaCount: number
  /** Most messages first. */
  readonly findings: readonly SchemaFinding[]
}

export interface SchemaFinding {
  readonly outcome: SchemaObjection['outcome']
  readonly destination: string
  readonly reason: string
  readonly count: number
  /** The first few. */
  readonly examples: readonly SchemaExample[]
}

export interface SchemaExample {
  /** null for a message of a file, as in the next; its position is its line then. */
  readonly deadLetterId: string | null
  readonly fingerprint: string | null
  readonly position: string
  readonly detail: string | null
}

/** Reasons are shared by many messages; what goes beyond is counted together. */
const MOST_REASONS = 30
const MOST_EXAMPLES = 3

export interface SchemaTally {
  add(verdict: SchemaVerdict, destination: string, example: Omit<SchemaExample, 'detail'>): void
  result(): PlannedSchemas
}

/** Counts verdicts in bounded memory, whatever their number. */
export function createSchemaTally(): SchemaTally {
  let [fitCount, noSchemaCount] = [0, 0]
  const findings = new Map<
    string,
    Omit<SchemaFinding, 'count' | 'examples'> & { count: number; examples: SchemaExample[] }
  >()
  return {
    add(verdict, destination, example) {
      if (verdict.outcome === 'fits') fitCount += 1
      else if (verdict.outcome === 'no-schema') noSchemaCount += 1
      else {
        const { outcome, detail } = verdict
        const isKnown = findings.has(keyOf(outcome, destination, verdict.reason)) || findings.size < MOST_REASONS
        const reason = isKnown ? verdict.reason : 'other reasons'
        const key = keyOf(outcome, isKnown ? destination : '', reason)
        const finding = findings.get(key) ?? { outcome, destination, reason, count: 0, examples: [] }
        findings.set(key, finding)
        finding.count += 1
        if (finding.examples.length < MOST_EXAMPLES) finding.examples.push({ ...example, detail })
      }
    },
    result: () => ({
      fitCount,
      noSchemaCount,
      findings: [...findings.values()].toSorted((one, other) => other.count - one.count),
    }),
  }
}

const keyOf = (...parts: readonly string[]): string => JSON.stringify(parts)

const SENTENCES: Readonly<Record<SchemaObjection['outcome'], (count: string) => string>> = {
  'does-not-decode': (count) =>
    `${count} cannot be decoded: a consumer that uses the schema registry fails on such a message again. Discard them, or send them where their bytes are understood.`,
  'does-not-fit': (count) =>
    `${count} that would not fit the latest schema of the destination: its consumers may refuse that. Edit what is JSON, or let the consumers take the older form first.`,
  'no-schema-id': (count) =>
    `${count} without a schema id, although the destination has a schema: consumers that use the registry cannot read that. Send such messages only where plain payloads are taken.`,
  unchecked: (count) =>
    `${count} could not be checked against their schemas. Plan again when the schema registry answers, or send them as they are.`,
}

/** One sentence for each kind of finding, with what can be done; none when all is well. */
export function describeSchemas({ findings }: PlannedSchemas): readonly string[] {
  return (['does-not-decode', 'does-not-fit', 'no-schema-id', 'unchecked'] as const).flatMap((outcome) => {
    const count = findings.reduce((total, one) => total + (one.outcome === outcome ? one.count : 0), 0)
    if (count === 0) return []
    return SENTENCES[outcome](`${count.toLocaleString('en-GB')} message${count === 1 ? '' : 's'}`)
  })
}
