import { readFileSync, readdirSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { expect, test } from 'vitest'

/**
 * The walls of docs/architecture.md, checked by walking the import statements themselves: some graph tools see nothing
 * under TypeScript 7 and pass, so this test also fails when it finds too few edges.
 */
const SOURCE = import.meta.dirname

/** What each room may import, by top-level folder of src/. A file directly in src/ is its own room. */
const ALLOWED: Record<string, readonly string[]> = {
  app: ['features', 'ui', 'trpc', 'server', 'log.ts', 'config.ts', 'self-tracing.ts'],
  features: ['ui', 'domain', 'trpc'],
  ui: [],
  trpc: ['server', 'domain', 'ui'],
  server: ['commands', 'db', 'telemetry-store', 'expression', 'domain', 'config.ts', 'log.ts', 'self-tracing.ts'],
  collector: [
    'commands',
    'engine',
    'expression',
    'db',
    'telemetry-store',
    'brokers',
    'otlp',
    'domain',
    'config.ts',
    'log.ts',
    'self-tracing.ts',
  ],
  engine: ['commands', 'db', 'telemetry-store', 'brokers', 'expression', 'domain', 'log.ts'],
  expression: ['domain'],
  commands: ['db', 'domain'],
  db: ['domain'],
  'telemetry-store': ['otlp', 'domain', 'log.ts'],
  otlp: ['domain'],
  brokers: ['domain'],
  consumer: [],
  domain: [],
  'config.ts': ['domain'],
  'log.ts': [],
  'self-tracing.ts': [],
  'instrumentation.ts': ['server'],
  'proxy.ts': [],
}

interface Edge {
  readonly from: string
  readonly to: string
  readonly isTypeOnly: boolean
}

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return sourceFiles(path)
    return /\.tsx?$/.test(entry.name) && !/\.(test|contract\.test|db\.test)\.tsx?$/.test(entry.name) ? [path] : []
  })
}

const IMPORT =
  /^\s*(?:import|export)\s+(type\s+)?(?:[^'"]*?\sfrom\s+)?['"](#[^'"]+|\.[^'"]+)['"]|import\(\s*['"](#[^'"]+|\.[^'"]+)['"]\s*\)/gm

function edgesOf(file: string): Edge[] {
  return [...readFileSync(file, 'utf8').matchAll(IMPORT)].flatMap((match) => {
    const specifier = match[2] ?? match[3]
    if (specifier === undefined || /\.(css|json|svg)$/.test(specifier)) return []
    const target = specifier.startsWith('#') ? join(SOURCE, specifier.slice(1)) : resolve(dirname(file), specifier)
    return [{ from: relative(SOURCE, file), to: relative(SOURCE, target), isTypeOnly: match[1] !== undefined }]
  })
}

const roomOf = (file: string): string => file.split('/')[0] ?? file
const files = sourceFiles(SOURCE)
const edges = files.flatMap(edgesOf)

test('every import stays inside its walls', () => {
  const breaches = edges.filter((edge) => {
    const from = roomOf(edge.from)
    const to = roomOf(edge.to)
    return from !== to && !(ALLOWED[from] ?? []).includes(to)
  })
  expect(breaches.map((edge) => `${edge.from} -> ${edge.to}`)).toEqual([])
})

test('the browser side takes only types from the server', () => {
  const breaches = edges.filter(
    (edge) => ['trpc', 'features'].includes(roomOf(edge.from)) && roomOf(edge.to) === 'server' && !edge.isTypeOnly,
  )
  expect(breaches.map((edge) => `${edge.from} -> ${edge.to}`)).toEqual([])
})

test('nothing that the web process loads reaches a broker, the engine or the collector', () => {
  const reached = new Set(
    files
      .map((file) => relative(SOURCE, file))
      .filter((file) => ['app', 'server'].includes(roomOf(file)) || file === 'instrumentation.ts'),
  )
  for (const file of reached) {
    for (const edge of edges) if (edge.from === file && !edge.isTypeOnly) reached.add(edge.to)
  }
  expect([...reached].filter((file) => ['brokers', 'engine', 'collector'].includes(roomOf(file)))).toEqual([])
})

test('the domain is pure: no clock, no randomness, no environment, no outside package', () => {
  const impure = /\bDate\.now\(|new Date\(\)|Math\.random\(|process\.|from 'node:|performance\.now\(/
  const outside = /^\s*import\s[^'"]*from\s+'(?![#.])([^']+)'/gm
  const breaches = files
    .filter((file) => relative(SOURCE, file).startsWith('domain/'))
    .filter((file) => {
      const text = readFileSync(file, 'utf8')
      return impure.test(text) || [...text.matchAll(outside)].some((match) => match[1] !== 'zod')
    })
  expect(breaches.map((file) => relative(SOURCE, file))).toEqual([])
})

test('the walk really sees the imports', () => {
  expect(files.length).toBeGreaterThan(20)
  expect(edges.length).toBeGreaterThan(files.length / 2)
})
