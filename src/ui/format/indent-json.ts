/**
 * Valid JSON with one member per line. Works on the text itself, so that no number, escape or order changes; empty
 * objects and arrays stay on their line.
 */
export function indentJson(text: string): string {
  let out = ''
  let depth = 0
  const newLine = () => `\n${'  '.repeat(depth)}`
  for (const token of text.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g) ?? []) {
    const isClosing = token === '}' || token === ']'
    if (isClosing) {
      depth = Math.max(0, depth - 1)
      out += /[{[]$/.test(out) ? token : newLine() + token
      continue
    }
    if (/[{[]$/.test(out) && depth > 0) out += newLine()
    out += token
    if (token === '{' || token === '[') depth += 1
    else if (token === ',') out += newLine()
    else if (token === ':') out += ' '
  }
  return out
}
