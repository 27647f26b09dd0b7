const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c

/**
 * The member of a JSON object as text, the way Postgres' `->>` gives it: strings without their quotes, everything else as
 * it is written; null when the object does not have it (or it is null). `member` is the key as JSON with its colon.
 * Most objects do not have it, and those are not parsed.
 */
export function readJsonMember(json: Buffer, member: Buffer): string | null {
  if (json.indexOf(member) === -1) return null
  let at = 1
  while (at < json.length) {
    const isWanted = json.compare(member, 0, member.length, at, Math.min(json.length, at + member.length)) === 0
    const valueAt = endOfString(json, at) + 1
    const end = endOfValue(json, valueAt)
    if (isWanted) return textOf(json, valueAt, end)
    if (json[end] !== COMMA) return null
    at = end + 1
  }
  return null
}

function textOf(json: Buffer, from: number, end: number): string | null {
  const raw = json.toString('utf8', from, end)
  if (raw.startsWith('"')) return String(JSON.parse(raw))
  return raw === 'null' ? null : raw
}

/** The place behind the closing quote of the string that begins at `from`. */
function endOfString(json: Buffer, from: number): number {
  let at = from + 1
  while (at < json.length && json[at] !== QUOTE) at += json[at] === BACKSLASH ? 2 : 1
  return at + 1
}

/** The place behind a value: the comma or the bracket that follows it. */
function endOfValue(json: Buffer, from: number): number {
  let depth = 0
  let at = from
  while (at < json.length) {
    const byte = json[at]
    if (byte === QUOTE) {
      at = endOfString(json, at)
      continue
    }
    if (byte === 0x7b || byte === 0x5b) depth += 1
    else if (byte === 0x7d || byte === 0x5d) {
      if (depth === 0) return at
      depth -= 1
    } else if (byte === COMMA && depth === 0) return at
    at += 1
  }
  return at
}
