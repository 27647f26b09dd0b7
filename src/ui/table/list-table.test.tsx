import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, expect, test, vi } from 'vitest'
import type { ListColumn } from '#ui/table/list-column.ts'
import { ListTable } from '#ui/table/list-table.tsx'

interface Fruit {
  readonly id: string
  readonly name: string
  readonly weight: number
}

const FRUITS: readonly Fruit[] = [
  { id: 'a', name: 'apple', weight: 3 },
  { id: 'b', name: 'banana', weight: 9 },
  { id: 'c', name: 'cherry', weight: 1 },
]

const COLUMNS: readonly ListColumn<Fruit>[] = [
  { id: 'name', header: 'Name', cell: (fruit) => <a href="#elsewhere">{fruit.name}</a> },
  { id: 'weight', header: 'Weight', isNumeric: true, sortBy: (fruit) => fruit.weight, cell: (fruit) => fruit.weight },
]

afterEach(cleanup)

function draw(openId: string | null = null) {
  const onOpen = vi.fn<(fruit: Fruit) => void>()
  const onClose = vi.fn<() => void>()
  const table = (id: string | null) => (
    <ListTable
      label="Fruits"
      columns={COLUMNS}
      rows={FRUITS}
      rowId={(fruit) => fruit.id}
      onOpen={onOpen}
      onClose={onClose}
      openId={id}
      hasPageKeys
    />
  )
  const { rerender } = render(table(openId))
  return { onOpen, onClose, show: (id: string | null) => rerender(table(id)) }
}

const press = (key: string, target: Element = document.body) => fireEvent.keyDown(target, { key })
const names = () => screen.getAllByRole('link').map((link) => link.textContent)

test('j and k walk over the rows and Enter opens the one under the cursor', () => {
  const { onOpen } = draw()
  press('j')
  press('j')
  press('j')
  press('j')
  press('k')
  expect(onOpen).not.toHaveBeenCalled()
  press('Enter')
  expect(onOpen).toHaveBeenCalledExactlyOnceWith(FRUITS[1])
})

test('k enters the list from its end', () => {
  const { onOpen } = draw()
  press('k')
  press('Enter')
  expect(onOpen).toHaveBeenCalledExactlyOnceWith(FRUITS[2])
})

test('while details are open, walking opens the next ones and Escape closes them', () => {
  const { onOpen, onClose } = draw('a')
  press('j')
  expect(onOpen).toHaveBeenCalledExactlyOnceWith(FRUITS[1])
  press('Escape')
  expect(onClose).toHaveBeenCalledOnce()
})

test('keys are text while somebody types, and belong to a dialog while one is open', () => {
  const { onOpen } = draw()
  const input = document.body.appendChild(document.createElement('input'))
  press('j', input)
  input.remove()
  const dialog = document.body.appendChild(document.createElement('div'))
  dialog.setAttribute('role', 'dialog')
  press('j')
  dialog.remove()
  press('Enter')
  expect(onOpen).not.toHaveBeenCalled()
})

test('a click on a row opens it, a click on a link inside does not', () => {
  const { onOpen } = draw()
  fireEvent.click(screen.getByText('apple'))
  expect(onOpen).not.toHaveBeenCalled()
  fireEvent.click(screen.getByText('9'))
  expect(onOpen).toHaveBeenCalledExactlyOnceWith(FRUITS[1])
})

test('pressing a head sorts downwards, upwards, and back to the order it came in', () => {
  draw()
  const head = screen.getByRole('button', { name: 'Weight' })
  fireEvent.click(head)
  expect(names()).toEqual(['banana', 'apple', 'cherry'])
  expect(screen.getByRole('columnheader', { name: 'Weight' }).getAttribute('aria-sort')).toBe('descending')
  fireEvent.click(head)
  expect(names()).toEqual(['cherry', 'apple', 'banana'])
  fireEvent.click(head)
  expect(names()).toEqual(['apple', 'banana', 'cherry'])
})
