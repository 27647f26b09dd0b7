import { beforeAll, expect, test } from 'vitest'
import { useTestDatabase } from '#db/test-database.ts'
import { consume, send, span } from '#domain/flow/flow-story.ts'
import type { SpanRecord } from '#domain/trace/span.ts'
import { appRouter } from '#server/app-router.ts'
import { createCaller } from '#server/procedure.ts'
import { knownNothing } from '#server/test-telemetry.ts'
import { openTestWeb, type TestWeb } from '#server/test-web.ts'

const database = useTestDatabase()
const openCaller = createCaller(appRouter)
type Asking = ReturnType<typeof openCaller>
let web: TestWeb
let ask: Asking
const reads: string[] = []

/** A thousand messages, each processed with eleven steps of work below it. */
const spans: readonly SpanRecord[] = Array.from({ length: 1_000 }, (_, message) => [
  send(`s${message}`, 'orders', { at: message * 10, for: 1, service: 'checkout' }),
  consume(`c${message}`, 'orders', { at: message * 10 + 2, for: 5, service: 'payments', parent: `s${message}` }),
  ...Array.from({ length: 11 }, (_step, step) =>
    span(`w${message}-${step}`, {
      at: message * 10 + 3,
      for: 1,
      service: 'payments',
      name: 'step',
      parent: `c${message}`,
    }),
  ),
]).flat()
const hopsOnly = spans.filter(({ messaging }) => messaging !== null)
const long = span('long', { at: 0, for: 1, service: 'x'.repeat(10_000), name: '<script>alert(1)</script>' })

beforeAll(() => {
  web = openTestWeb(database().database, {
    ...knownNothing,
    countFlowSpans: (flowKey) => Promise.resolve(flowKey === 'large' ? spans.length : 0),
    readFlowSpans: async (flowKey, cap, wanted) => {
      reads.push(`${flowKey} ${wanted} ${cap}`)
      const all = flowKey.endsWith('large') ? (wanted === 'hops' ? hopsOnly : spans) : [long]
      const omittedSpanCount = Math.max(0, (wanted === 'hops' ? spans.length : all.length) - cap)
      const nothing = await knownNothing.readFlowSpans(flowKey, cap)
      return { ...nothing, spans: all.slice(0, cap), omittedSpanCount }
    },
  })
  ask = openCaller({
    runtime: web.runtime,
    caller: {
      actor: { kind: 'person', id: 'p', name: 'Vera', role: 'viewer' },
      login: 'vera',
      role: 'viewer',
      mustChangePassword: false,
    },
    sessionHash: null,
    address: 'test',
    setSessionToken: () => undefined,
  })
})

test('a large flow opens with its hops, and the whole of it follows', async () => {
  const opened = await ask.flow.get({ flowKey: 'large' })
  expect(opened).toMatchObject({ isWhole: false, hopCount: 1_000, omittedSpanCount: 11_000 })
  expect(opened.summary.spanCount).toBe(13_000)
  expect(opened.rows).toHaveLength(200)
  web.setNowMs(Date.now() + 1_000)
  await expect.poll(async () => (await ask.flow.get({ flowKey: 'large' })).isWhole, { timeout: 20_000 }).toBe(true)
  const whole = await ask.flow.get({ flowKey: 'large' })
  expect(whole).toMatchObject({ spanRowCount: 13_000, rowCount: 14_000, omittedSpanCount: 0 })
  expect(whole.version).not.toBe(opened.version)
  // However often the page asked meanwhile.
  expect(reads).toEqual(['large hops 12000', 'large all 100000'])
})

test('a large flow opens with its hops by another name of it too', async () => {
  const opened = await ask.flow.get({ flowKey: 'also-large' })
  expect(opened).toMatchObject({ isWhole: false, hopCount: 1_000, omittedSpanCount: 11_000 })
})

test('the critical path alone is read by windows as well', async () => {
  await expect.poll(async () => (await ask.flow.get({ flowKey: 'large' })).isWhole, { timeout: 20_000 }).toBe(true)
  const { version, criticalRowCount, rowCount } = await ask.flow.get({ flowKey: 'large' })
  expect(criticalRowCount).toBeGreaterThan(0)
  expect(criticalRowCount).toBeLessThan(rowCount)
  const read = (from: number) => ask.flow.rows({ flowKey: 'large', version, from, isCriticalOnly: true })
  const { rows } = await read(0)
  expect(rows.every(({ isCritical }) => isCritical)).toBe(true)
  expect(rows).toHaveLength(Math.min(200, criticalRowCount))
  expect((await read(criticalRowCount)).rows).toEqual([])
})

test('windows of one version make up the whole timeline, and each row knows where it is', async () => {
  const whole = await ask.flow.get({ flowKey: 'large' })
  const before = reads.length
  const window = await ask.flow.rows({ flowKey: 'large', version: whole.version, from: 13_900 })
  expect(window.version).toBe(whole.version)
  expect(window.rows).toHaveLength(100)
  const last = window.rows.at(-1)!
  expect(await ask.flow.row({ flowKey: 'large', rowId: last.id })).toMatchObject({
    index: 13_999,
    row: { id: last.id },
  })
  await expect(ask.flow.row({ flowKey: 'large', rowId: 'span:none' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  expect(reads.length).toBe(before)
})

test('hops come by pages, and the graph says what it leaves out', async () => {
  const first = await ask.flow.hops({ flowKey: 'large', cursor: 0 })
  expect(first.hops).toHaveLength(200)
  const last = await ask.flow.hops({ flowKey: 'large', cursor: 800 })
  expect(last).toMatchObject({ hopCount: 1_000, nextCursor: null })
  expect((await ask.flow.graph({ flowKey: 'large' })).omittedMessageCount).toBe(880)
})

test('several who open the same flow at once wait for one reading', async () => {
  reads.length = 0
  await Promise.all(Array.from({ length: 20 }, () => ask.flow.get({ flowKey: 'small' })))
  // On a busy machine the last may ask when the first has its answer already.
  expect(reads.length).toBeLessThan(10)
})

test('a name of 10 kB is cut where it is listed', async () => {
  const { rows } = await ask.flow.get({ flowKey: 'small' })
  expect(rows[0]!.service).toBe(`${'x'.repeat(300)}…`)
  expect(rows[0]!.label).toBe('<script>alert(1)</script>')
})
