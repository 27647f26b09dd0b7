/** Folders of the repository; a path in a document counts as a reference when it begins with one of them. */
const ROOMS = /^(src|docs|launcher|demo|bench|e2e|drizzle|fixtures|public|\.ci)\//

/**
 * Repository paths that a document cites, in `code` and in links, without anchors. Patterns (`*`, `<name>`) and
 * anything in fenced blocks are left out, as those are examples.
 */
export function findReferences(markdown: string, folder: string): string[] {
  const prose = markdown.replaceAll(/^```.*?^```/gms, '')
  const links = [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map((match) => match[1] ?? '')
    .filter((target) => !/^[a-z]+:|^#/.test(target))
    .map((target) => normalise(folder, target.replace(/#.*$/, '')))
  const code = [...prose.matchAll(/`([^`\s]+)`/g)]
    .map((match) => (match[1] ?? '').replace(/[:#]\d*$/, ''))
    .filter((path) => ROOMS.test(path))
  return [...new Set([...links, ...code])].filter((path) => !/[*<>{}$]|\.\.\./.test(path) && !/NNNN|NAME/.test(path))
}

/** Joins a link's target to the folder of its document, both relative to the root. */
function normalise(folder: string, target: string): string {
  if (target.startsWith('/')) return target.slice(1)
  const parts: string[] = []
  for (const part of [...folder.split('/'), ...target.split('/')]) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return parts.join('/')
}
