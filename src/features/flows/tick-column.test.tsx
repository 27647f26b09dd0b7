import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { useState } from 'react'
import { afterEach, expect, test } from 'vitest'
import { ListTable } from '#ui/table/list-table.tsx'
import { CompareBar } from '#features/flows/compare-bar.tsx'
import type { FlowRow } from '#features/flows/flow-columns.tsx'
import { tickColumn, toggleTick } from '#features/flows/tick-column.tsx'

afterEach(cleanup)

const flow = (flowKey: string) => ({ flowKey }) as FlowRow
const box = (flowKey: string) => screen.getByLabelText<HTMLInputElement>(`Compare ${flowKey}`)

function Flows({ onOpen }: { readonly onOpen: (row: FlowRow) => void }) {
  const [ticked, setTicked] = useState<readonly string[]>([])
  const tick = (key: string) => setTicked(toggleTick(ticked, key))
  return (
    <>
      <ListTable
        label="Flows"
        columns={[tickColumn(ticked, tick)]}
        rows={['order-1', 'order-2', 'order-3'].map(flow)}
        rowId={({ flowKey }) => flowKey}
        onOpen={onOpen}
        onTick={({ flowKey }) => tick(flowKey)}
        hasPageKeys
      />
      <CompareBar ticked={ticked} onClear={() => setTicked([])} />
    </>
  )
}

test('two ticked flows lead to their comparison, and a third has to wait', () => {
  const opened: string[] = []
  render(<Flows onOpen={({ flowKey }) => opened.push(flowKey)} />)
  expect(screen.queryByRole('region', { name: 'Flows to compare' })).toBeNull()
  fireEvent.click(box('order-3'))
  expect(screen.queryByRole('link', { name: 'Compare' })).toBeNull()
  fireEvent.click(box('order-1'))
  expect(screen.getByRole('link', { name: 'Compare' }).getAttribute('href')).toBe(
    '/compare?left=flow%3Aorder-3&right=flow%3Aorder-1',
  )
  expect(box('order-2').disabled).toBe(true)
  fireEvent.click(box('order-3'))
  expect(box('order-2').disabled).toBe(false)
  fireEvent.click(screen.getByRole('button', { name: 'Clear' }))
  expect(box('order-1').checked).toBe(false)
  expect(opened).toEqual([])
  fireEvent.keyDown(document.body, { key: 'j' })
  fireEvent.keyDown(document.body, { key: 'x' })
  expect(box('order-1').checked).toBe(true)
})
