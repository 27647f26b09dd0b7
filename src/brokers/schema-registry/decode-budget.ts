import { Undecodable } from '#brokers/schema-registry/undecodable.ts'

/** What decoding one message may cost at most: bytes lie, and a count of a few bytes can ask for billions of values. */
const MAX_VALUES = 200_000
const MAX_CHARACTERS = 8_388_608
const MAX_DEPTH = 100

export interface DecodeBudget {
  /** @throws Undecodable when the values or their text grow beyond any message */
  spend(text: string): string
  /** Runs `read` one level deeper. @throws Undecodable when that is too deep */
  nest<Value>(read: () => Value): Value
}

export function openDecodeBudget(): DecodeBudget {
  let [valuesLeft, charactersLeft, depth] = [MAX_VALUES, MAX_CHARACTERS, 0]
  return {
    spend(text) {
      valuesLeft -= 1
      charactersLeft -= text.length
      if (valuesLeft >= 0 && charactersLeft >= 0) return text
      throw new Undecodable(
        `it holds more than ${MAX_VALUES.toLocaleString('en-GB')} values or ${MAX_CHARACTERS / 1_048_576} MiB of text`,
      )
    },
    nest(read) {
      depth += 1
      if (depth > MAX_DEPTH) throw new Undecodable(`it is nested deeper than ${MAX_DEPTH} levels`)
      const value = read()
      depth -= 1
      return value
    },
  }
}
