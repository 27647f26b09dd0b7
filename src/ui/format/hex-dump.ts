/**
 * Hex digits as a dump of 16 bytes per line: offset, bytes, printable ASCII. Width is fixed, so that columns align.
 */
export function formatHexDump(hex: string): string {
  const lines: string[] = []
  for (let at = 0; at < hex.length; at += 32) {
    const bytes = hex.slice(at, at + 32).match(/../g) ?? []
    const digits = bytes.join(' ').padEnd(47, ' ')
    const text = bytes.map((byte) => printable(Number.parseInt(byte, 16))).join('')
    lines.push(`${(at / 2).toString(16).padStart(6, '0')}  ${digits}  ${text}`)
  }
  return lines.join('\n')
}

const printable = (code: number): string => (code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : '·')

/** Text as the hex digits of its UTF-8. */
export function hexOfText(text: string): string {
  return [...new TextEncoder().encode(text)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
