import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect, test } from '@playwright/test'
import { flowJsonSchema } from '#domain/flow/flow-json.ts'
import { currentInstance } from './support/instance.ts'

const SCRIPT = '<script>window.wasRun = true</script>'
const IMAGE = '<img src=x onerror="window.wasRun = true">'
const LINK = 'javascript:window.wasRun=true'
const TURNED = '\u202Edekcatta'

const textBag = (bag: Readonly<Record<string, string>>) =>
  Object.entries(bag).map(([key, stringValue]) => ({ key, value: { stringValue } }))

/** One message whose every name is an attack. */
async function sendHostileFlow(flowKey: string): Promise<void> {
  const traceId = randomBytes(16).toString('hex')
  const startNs = BigInt(Date.now() - 60_000) * 1_000_000n
  const says = {
    'messaging.system': 'kafka',
    'messaging.destination.name': IMAGE,
    'messaging.message.conversation_id': flowKey,
    'messaging.consumer.group.name': SCRIPT,
    'url.full': LINK,
    [SCRIPT]: `${IMAGE}\u0007\u001B[31m`,
  }
  const span = (spanId: string, kind: number, operation: string, name: string, more: object) => ({
    traceId,
    spanId,
    kind,
    name,
    startTimeUnixNano: String(startNs + BigInt(kind) * 1_000_000n),
    endTimeUnixNano: String(startNs + BigInt(kind) * 1_000_000n + 500_000n),
    attributes: textBag({ ...says, 'messaging.operation.type': operation }),
    ...more,
  })
  const [sent, taken] = [randomBytes(8).toString('hex'), randomBytes(8).toString('hex')]
  const exception = {
    name: 'exception',
    timeUnixNano: String(startNs),
    attributes: textBag({ 'exception.type': SCRIPT, 'exception.message': IMAGE, 'exception.stacktrace': LINK }),
  }
  const failed = { parentSpanId: sent, status: { code: 2, message: SCRIPT }, events: [exception] }
  const spans = [span(sent, 4, 'send', SCRIPT, {}), span(taken, 5, 'process', TURNED, failed)]
  const answer = await fetch(new URL('/v1/traces', currentInstance().otlpHttpUrl), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      resourceSpans: [{ resource: { attributes: textBag({ 'service.name': IMAGE }) }, scopeSpans: [{ spans }] }],
    }),
  })
  expect(answer.status).toBe(200)
}

test('names and values full of script are text, in the search, on the flow, in its drawer and in its file', async ({
  page,
}) => {
  const flowKey = `<b>order</b>-${randomBytes(4).toString('hex')}`
  const flowUrl = `${currentInstance().url}/flows/${encodeURIComponent(flowKey)}`
  await sendHostileFlow(flowKey)
  let dialogCount = 0
  page.on('dialog', (dialog) => {
    dialogCount += 1
    void dialog.dismiss()
  })

  await page.goto(`${currentInstance().url}/flows?id=${encodeURIComponent(flowKey)}`)
  await expect(page.getByRole('link', { name: flowKey })).toBeVisible({ timeout: 60_000 })

  await page.goto(flowUrl)
  const row = page.locator('[data-timeline-row]').filter({ hasText: 'dekcatta' })
  await expect(row).toContainText(IMAGE)
  await expect(page.locator('[data-timeline-row]').filter({ hasText: SCRIPT })).not.toHaveCount(0)
  // What turns the direction ends with the name that holds it.
  await expect(row.locator('bdi').filter({ hasText: TURNED })).toHaveText(TURNED)

  await row.click()
  const drawer = page.getByRole('dialog')
  for (const text of [SCRIPT, IMAGE, LINK]) await expect(drawer).toContainText(text)
  for (const tab of ['Message graph', 'Hops', 'Spans', 'Missing']) {
    await page.goto(`${flowUrl}?tab=${tab === 'Message graph' ? 'graph' : tab.toLowerCase()}`)
    await expect(page.getByRole('tab', { name: new RegExp(`^${tab}`) })).toHaveAttribute('aria-selected', 'true')
    await expect(page.getByRole('tabpanel')).toContainText('img src=x')
  }
  expect(await page.locator('a[href^="javascript:"], img[src="x"]').count()).toBe(0)

  const started = page.waitForEvent('download')
  await page.getByRole('link', { name: 'Download JSON' }).click()
  const download = await started
  expect(download.suggestedFilename()).toMatch(/^flow-[\w.-]+\.json$/)
  const flow = flowJsonSchema.parse(JSON.parse(readFileSync(await download.path(), 'utf8')))
  expect(flow.hops.map(({ destination }) => destination)).toEqual([IMAGE])

  expect(dialogCount).toBe(0)
  expect(await page.evaluate(() => 'wasRun' in window)).toBe(false)
})
