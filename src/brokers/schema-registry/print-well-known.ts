import { printDecimal, printFraction, printInstant } from '#brokers/schema-registry/exact-text.ts'

const BILLION = 1_000_000_000n

/**
 * Messages that mean one value as that value, as the JSON mapping of Protobuf does; null for all others.
 * @param members fields by name, as JSON text
 */
export function printWellKnown(fullName: string, members: ReadonlyMap<string, string>): string | null {
  const whole = (name: string): bigint => BigInt(members.get(name) ?? 0)
  switch (fullName) {
    case '.google.protobuf.Timestamp':
      return printInstant(whole('seconds') * BILLION + whole('nanos'), BILLION, 'Z')
    case '.google.protobuf.Duration':
      return printDuration(whole('seconds') * BILLION + whole('nanos'))
    case '.confluent.type.Decimal':
      return printDecimal(
        Buffer.from((members.get('value') ?? '""').slice(1, -1), 'base64'),
        Number(members.get('scale') ?? 0),
      )
    default:
      return /^\.google\.protobuf\.\w+Value$/.test(fullName) ? (members.get('value') ?? null) : null
  }
}

function printDuration(nanos: bigint): string {
  const length = nanos < 0n ? -nanos : nanos
  return `"${nanos < 0n ? '-' : ''}${length / BILLION}${printFraction(length % BILLION, BILLION)}s"`
}
