/** The double cast is spelt apart, so that this file does not find itself. */
const ESCAPES = [
  'ts-ignore',
  'ts-expect-error',
  'ts-nocheck',
  'eslint-disable',
  'oxlint-disable',
  ['as', 'unknown', 'as'].join(' '),
]

/** Places where the code silences the type checker or the linter instead of satisfying them. */
export function findEscapes(file: string, text: string): string[] {
  return text
    .split('\n')
    .flatMap((line, index) =>
      ESCAPES.filter((escape) => (escape.startsWith('as ') ? line.includes(escape) : isComment(line, escape))).map(
        (escape) => `${file}:${index + 1} silences a tool with "${escape}"`,
      ),
    )
}

const isComment = (line: string, escape: string): boolean => new RegExp(`(//|/\\*|\\{/\\*).*\\b${escape}`).test(line)
