import { readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { makeDatabase, migrateDatabase } from '../launcher/prepare-database.ts'
import { openDatabase } from '#db/client.ts'
import { cluster } from '#db/schema/cluster.ts'
import type { OperationKind } from '#domain/operation/operation-kind.ts'
import { openKafkaGround } from '#engine/kill-suite/kafka-ground.ts'
import type { KillGround } from '#engine/kill-suite/kill-ground.ts'
import { openPgqueueGround } from '#engine/kill-suite/pgqueue-ground.ts'
import { runKillSchedule, type KillReport } from '#engine/kill-suite/run-kill-schedule.ts'
import { seededRandom } from '#engine/kill-suite/seeded-random.ts'
import { runBench, type Bench } from './bench-run.ts'

const DOCUMENT = join(import.meta.dirname, '../docs/reliability.md')
const [BEGIN, END] = ['<!-- kill-suite: written by `npm run bench -- kill-suite` -->', '<!-- kill-suite: end -->']
/** Of every six kills four come in a redrive, one in a discard, one in an import. */
const SIXTH = 1 / 6

type Open = (ledgerUrl: string) => Promise<KillGround & { close(): Promise<void> }>

interface Row extends KillReport {
  readonly broker: string
  readonly kind: OperationKind
}

/**
 * Messages lost in kill -9 of the engine at seeded random moments, on a real Kafka and on pg-boss in a real Postgres, in
 * redrives, discards and imports; also duplicated and marked, and the longest takeover. Writes its figures into docs/reliability.md.
 * `KILL_SEED` repeats a schedule.
 */
await runBench('kill-suite', 300, async (bench) => {
  const seed = Number(process.env['KILL_SEED'] ?? Date.now() % 1_000_000)
  console.log(`  KILL_SEED=${seed}`)
  const server = new URL(await bench.startDatabase())
  server.pathname = '/postgres'
  const { brokers } = await bench.startKafka()
  const grounds: readonly (readonly [string, Open])[] = [
    ['Kafka', () => openKafkaGround(brokers)],
    ['Postgres queues', openPgqueueGround],
  ]
  const discards = Math.ceil((bench.size / grounds.length) * SIXTH)
  const redrives = Math.ceil(bench.size / grounds.length) - 2 * discards
  const rows = await Promise.all(
    grounds.flatMap(([broker, open]) => [
      live(bench, server.href, { broker, kind: 'redrive', kills: redrives, seed }, open),
      live(bench, server.href, { broker, kind: 'discard', kills: discards, seed }, open),
      live(bench, server.href, { broker, kind: 'import', kills: discards, seed }, open),
    ]),
  )
  for (const row of rows) bench.show(`${row.broker}, ${row.kind}: ${row.kills} kills, lost`, `${row.lost} messages`)
  const sum = (read: (row: Row) => number): number => rows.reduce((total, row) => total + read(row), 0)
  const longestTakeoverMs = Math.max(...rows.map((row) => row.longestTakeoverMs))
  writeFigures(rows, seed)
  return {
    value: sum((row) => row.lost),
    unit: 'messages lost',
    baseline: null,
    kills: sum((row) => row.kills),
    messages: sum((row) => row.messages),
    duplicated: sum((row) => row.markedDuplicates + row.unmarkedDuplicates),
    marked: sum((row) => row.markedDuplicates),
    damage: sum((row) => row.altered + row.inversions + row.strangers + row.misplaced + row.unfinished),
    longestTakeoverMs,
    seed,
  }
})

interface Wish {
  readonly broker: string
  readonly kind: Row['kind']
  readonly kills: number
  readonly seed: number
}

async function live(bench: Bench, serverUrl: string, { broker, kind, kills, seed }: Wish, open: Open): Promise<Row> {
  const databaseUrl = await makeDatabase(serverUrl, `${kind}_${broker.toLowerCase().replaceAll(' ', '_')}`)
  await migrateDatabase(databaseUrl)
  const client = openDatabase(databaseUrl, { maxConnections: 6, onError: (error) => console.error(error.message) })
  bench.onEnd(() => client.close())
  await client.database.insert(cluster).values({ id: 'k', kind: 'kafka', name: 'K', configuration: {} })
  const ground = await open(databaseUrl)
  bench.onEnd(() => ground.close())
  const report = await runKillSchedule({ client, databaseUrl, ground, kind, kills, random: seededRandom(seed) })
  return { broker, kind, ...report }
}

/** Puts the figures between the marks of the document; the rest of it is written by people. */
function writeFigures(rows: readonly Row[], seed: number): void {
  const document = readFileSync(DOCUMENT, 'utf8')
  const [before, rest] = document.split(BEGIN)
  const after = rest?.split(END)[1]
  if (before === undefined || after === undefined) throw new Error(`${DOCUMENT} has no place for the figures`)
  const day = new Date().toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  })
  const machine = `${cpus().length} x ${cpus()[0]?.model ?? 'unknown processor'}`
  const lines = rows.map(
    (row) =>
      `| ${[
        row.broker,
        row.kind,
        row.kills,
        row.messages,
        row.lost,
        row.altered,
        row.inversions,
        row.markedDuplicates + row.unmarkedDuplicates,
        row.markedDuplicates,
        row.strangers + row.misplaced + row.unfinished,
        `${(row.longestTakeoverMs / 1_000).toFixed(1)} s`,
      ].join(' | ')} |`,
  )
  const figures = [
    BEGIN,
    '',
    `${day}, seed ${seed}, ${machine}, everything on that machine. Repeat it with \`KILL_SEED=${seed} npm run bench -- kill-suite\`.`,
    '',
    '| broker | operation | kills | messages | lost | altered | out of order | copied again | of these marked | any other damage | longest takeover |',
    '|---|---|---|---|---|---|---|---|---|---|---|',
    ...lines,
    '',
    END,
  ]
  writeFileSync(DOCUMENT, `${before}${figures.join('\n')}${after}`)
}
