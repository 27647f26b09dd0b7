import { cleanup, render, screen } from '@testing-library/react'
import { afterEach, expect, test } from 'vitest'
import { consume, facts, send } from '#domain/flow/flow-story.ts'
import { assembleFlow } from '#domain/flow/assemble-flow.ts'
import { SpanDetailView } from '#features/flows/span-facts.tsx'
import { TimelineLabel } from '#features/flows/timeline-label.tsx'

afterEach(cleanup)

const SCRIPT = '<script>window.wasRun = true</script>'
const IMAGE = '<img src=x onerror="window.wasRun = true">'
const LINK = 'javascript:window.wasRun=true'
const TURNED = '\u202Edekcatta'

const isPlainText = (container: HTMLElement): boolean =>
  container.querySelector('script, img, iframe, a[href^="javascript:"]') === null

test('on the timeline a name is text, and one that turns the direction turns nothing but itself', () => {
  const { rows } = assembleFlow(
    facts({
      spans: [
        send('s', IMAGE, { at: 0, for: 1, service: TURNED }),
        consume('c', IMAGE, { at: 5, for: 1, service: SCRIPT, parent: 's', isError: true }),
      ],
    }),
  )
  const { container } = render(rows.map((row) => <TimelineLabel key={row.id} row={row} />))
  expect(isPlainText(container)).toBe(true)
  expect(container.textContent).toContain(`${SCRIPT} process ${IMAGE}`)
  expect([...container.querySelectorAll('bdi')].map(({ textContent }) => textContent)).toContain(TURNED)
})

test('in the drawer names and values of attributes, links and failures are text', () => {
  const span = {
    ...consume('c', IMAGE, { at: 5, for: 1, service: SCRIPT }),
    statusMessage: IMAGE,
    links: Array.from({ length: 1_000 }, () => ({ traceId: 'f'.repeat(32), spanId: 'e'.repeat(16) })),
    exception: { type: SCRIPT, message: IMAGE, stack: LINK },
  }
  const bag = { [SCRIPT]: `${IMAGE}\u0007\u001B[31m`, 'url.full': LINK, turned: TURNED }
  const event = { name: SCRIPT, atUs: 0, attributes: bag }
  const { container } = render(
    <SpanDetailView detail={{ span, attributes: bag, resource: bag, events: [event, event], scope: null }}>
      {null}
    </SpanDetailView>,
  )
  expect(isPlainText(container)).toBe(true)
  expect(screen.getAllByText(LINK).length).toBeGreaterThanOrEqual(4)
  expect(screen.getAllByText(new RegExp(IMAGE.slice(0, 10))).length).toBeGreaterThanOrEqual(4)
  expect(screen.getByText('and 950 more')).toBeDefined()
})
