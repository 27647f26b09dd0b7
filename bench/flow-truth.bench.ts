import { parseArgs } from 'node:util'
import pg from 'pg'
import { openDatabase } from '#db/client.ts'
import { runBench } from './bench-run.ts'
import { JUDGED_FACTS, type JudgedFact } from './flow-truth/judge-order.ts'
import { judgeCapture, type JudgedCapture } from './flow-truth/judge-capture.ts'
import { listCaptures } from '#otlp/captured-bodies.ts'

/**
 * Share of the deliveries that really happened in captured runs of stock clients which the product joins rightly: replayed
 * through the collector, read as the flow page reads, compared with the applications' own logs. Evidence: the spans, the
 * dead letters, the broker's groups and positions, and for ids that no span carries the records, where the logs tell them.
 */

const { values } = parseArgs({
  options: { size: { type: 'string' }, only: { type: 'string' }, notes: { type: 'boolean' } },
  strict: false,
})

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0)

async function administrate(url: string, statement: string): Promise<void> {
  const admin = new pg.Client({ connectionString: url.replace(/\/[^/]+$/, '/postgres') })
  await admin.connect()
  await admin.query(statement)
  await admin.end()
}

function showTable(judged: readonly JudgedCapture[]): void {
  const facts = JUDGED_FACTS.map((fact) => fact.padStart(11)).join('')
  console.log(
    '\n  evidence: spans, through the collector; of the broker its groups with their positions, its dead letters, and the records (ids only)',
  )
  console.log('  apart: joined, but not in the flow that the order opens; group to dwell: not told / told wrongly')
  console.log(
    `  ${'scenario'.padEnd(32)}${'true'.padStart(6)}${'joined'.padStart(8)}${'apart'.padStart(7)}${'false'.padStart(7)}${'unknown'.padStart(9)}${'whole orders'.padStart(14)}${'by name'.padStart(9)}${'dead letters'.padStart(14)}${facts}`,
  )
  for (const one of judged) {
    const wrongs = JUDGED_FACTS.map((fact) => `${one.facts[fact].unknown}/${one.facts[fact].wrong}`.padStart(11)).join(
      '',
    )
    console.log(
      `  ${one.scenario.padEnd(32)}${String(one.deliveries).padStart(6)}${String(one.joined).padStart(8)}${String(one.apart).padStart(7)}${String(one.falseJoins.length).padStart(7)}${String(sum(Object.values(one.unknown))).padStart(9)}${`${one.wholeOrders}/${one.orders}`.padStart(14)}${String(one.ordersFoundByName).padStart(9)}${`${one.deadLettersFound}/${one.deadLetters}`.padStart(14)}${wrongs}`,
    )
    for (const [reason, count] of Object.entries(one.unknown))
      console.log(`  ${''.padEnd(34)}${count} unknown: ${reason}`)
    for (const hop of one.falseJoins.slice(0, 5)) console.log(`  ${''.padEnd(34)}FALSE ${hop}`)
    if (values.notes === true) for (const note of one.notes) console.log(`      ${note}`)
  }
}

function addUp(parts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const total: Record<string, number> = {}
  for (const part of parts) for (const [name, count] of Object.entries(part)) total[name] = (total[name] ?? 0) + count
  return total
}

/** Share of the deliveries of captured runs of stock clients that the product joins rightly. */
await runBench('flow-truth', 1, async (bench) => {
  const template = await bench.startDatabase()
  const judged: JudgedCapture[] = []
  const only = typeof values.only === 'string' ? values.only : null
  for (const [index, scenario] of listCaptures().entries()) {
    if (only !== null && !scenario.includes(only)) continue
    await administrate(template, `create database truth_${index} template bench`)
    const client = openDatabase(template.replace(/\/[^/]+$/, `/truth_${index}`), {
      maxConnections: 6,
      onError: () => undefined,
    })
    try {
      judged.push(await judgeCapture(scenario, client))
    } finally {
      await client.close()
      await administrate(template, `drop database truth_${index} with (force)`)
    }
  }
  showTable(judged)
  const deliveries = sum(judged.map((one) => one.deliveries))
  const wrongFacts = Object.fromEntries(
    JUDGED_FACTS.map((fact: JudgedFact) => [fact, sum(judged.map((one) => one.facts[fact].wrong))]),
  )
  const unknownFacts = Object.fromEntries(
    JUDGED_FACTS.map((fact: JudgedFact) => [fact, sum(judged.map((one) => one.facts[fact].unknown))]),
  )
  const unknown = addUp(judged.map((one) => one.unknown))
  const joinedBy = addUp(judged.map((one) => one.joinedBy))
  console.log(
    `\n  joined by: ${Object.entries(joinedBy)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ')}`,
  )
  return {
    value: sum(judged.map((one) => one.joined)) / deliveries,
    unit: 'share of true deliveries',
    baseline: null,
    deliveries,
    apart: sum(judged.map((one) => one.apart)),
    falseJoins: sum(judged.map((one) => one.falseJoins.length)),
    unknown,
    joinedBy,
    wrongFacts,
    unknownFacts,
    scenarios: Object.fromEntries(
      judged.map((one) => [
        one.scenario,
        { deliveries: one.deliveries, joined: one.joined, falseJoins: one.falseJoins.length, unknown: one.unknown },
      ]),
    ),
  }
})
