import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from './folders.ts'

/** The proof that a documented command works: a file that runs it, and words of that file that say so. */
interface Proof {
  readonly file: string
  readonly words: string
}

const started = (words: string): Proof => ({ file: 'launcher/start.start.test.ts', words })
const run = (words: string): Proof => ({ file: 'launcher/verbs.start.test.ts', words })
const kind = (words: string): Proof => ({ file: 'launcher/test-arguments.ts', words })

/** Every command that a document tells people to type, with what runs it in CI. */
const PROOFS: Readonly<Record<string, Proof>> = {
  'npm start': { file: 'e2e/support/start-instance.ts', words: 'args: []' },
  'npm start -- --no-demo': started("const LEAN = ['--no-demo'"),
  'npm start -- --fresh': started('a fresh one begins anew'),
  'KAFKA_BROKERS=broker-1:9092,broker-2:9092 npm start -- --no-demo': {
    file: 'launcher/servers/kafka.start.test.ts',
    words: 'your own Kafka is read, and nothing of it is started or made',
  },
  'npm test': { file: '.ci/run', words: 'exec npm test' },
  'npm test -- unit': run('npm test ends with how long'),
  'npm test -- db lease': run('npm test ends with how long'),
  'npm test -- contract': kind("'contract'"),
  'npm run check': kind("'check'"),
  'npm run check -- --fix': { file: 'launcher/check-fix.start.test.ts', words: 'npm run check -- --fix repairs' },
  'npm run dev': run('npm run dev serves'),
  'npm run demo': run('npm run demo says'),
  'npm run bench': run('npm run bench lists'),
  'npm run bench -- NAME': run('npm run bench lists'),
  'npm run screens': run('npm run screens takes'),
}

/** A benchmark that exists is proven as any is, by being listed. */
function proofOf(command: string): Proof | undefined {
  const bench = /^(?:[A-Z_]+=\S+ )*npm run bench -- ([a-z-]+)$/.exec(command)?.[1]
  const isThere = bench !== undefined && existsSync(join(ROOT, 'bench', `${bench}.bench.ts`))
  return PROOFS[isThere ? 'npm run bench -- NAME' : command]
}

/** Commands of ours in a document: lines of fenced blocks, and inline code that begins with one. */
function findCommands(markdown: string): string[] {
  const fenced = [...markdown.matchAll(/^```\w*\n(.*?)^```/gms)].flatMap((match) => (match[1] ?? '').split('\n'))
  const inline = [...markdown.replaceAll(/^```.*?^```/gms, '').matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '')
  return [...fenced, ...inline]
    .map((line) =>
      line
        .replace(/^\$ /, '')
        .replace(/\s+#.*$/, '')
        .trim(),
    )
    .filter((line) => /^(?:[A-Z_]+=\S+ )*npm (?:start|test|run)\b/.test(line))
}

function listDocuments(): string[] {
  const list = spawnSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
    cwd: ROOT,
    encoding: 'utf8',
  })
  return list.stdout.split('\n').filter((file) => file !== '' && existsSync(join(ROOT, file)))
}

const documented = listDocuments().flatMap((file) =>
  findCommands(readFileSync(join(ROOT, file), 'utf8')).map((command) => ({ file, command })),
)

test('commands are found in fenced blocks and in the text, without their comments', () => {
  const text = '# A\n\n```sh\nnpm start   # all\nA=1 npm test -- x\nls\n```\n\nThen `npm run dev`, not `npm install`.\n'
  expect(findCommands(text)).toEqual(['npm start', 'A=1 npm test -- x', 'npm run dev'])
})

test('every command that a document tells people to type is run by CI', () => {
  expect(documented.filter(({ file }) => file === 'README.md').length).toBeGreaterThan(8)
  expect(documented.filter(({ command }) => proofOf(command) === undefined)).toEqual([])
})

test('every proof is where it is said to be, and no proof is kept for a command that nobody is told of', () => {
  const missing = Object.entries(PROOFS).filter(([, { file, words }]) => {
    const path = join(ROOT, file)
    return !existsSync(path) || !readFileSync(path, 'utf8').includes(words)
  })
  expect(missing).toEqual([])
  const commands = new Set(documented.map(({ command }) => command))
  expect(Object.keys(PROOFS).filter((command) => !commands.has(command))).toEqual([])
})

test('every script of package.json is told of somewhere', () => {
  const { scripts }: { scripts: Record<string, string> } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  const told = documented.map(({ command }) => /npm (?:run )?(\w+)/.exec(command)?.[1])
  expect(Object.keys(scripts).filter((name) => !told.includes(name))).toEqual([])
})
