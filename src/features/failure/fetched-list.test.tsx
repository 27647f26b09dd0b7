import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, expect, test } from 'vitest'
import { FetchedList } from '#features/failure/fetched-list.tsx'

afterEach(cleanup)

interface Fruit {
  readonly id: string
}

const draw = (data: readonly Fruit[] | undefined, opened: string[] = []) =>
  render(
    <FetchedList
      query={{ data, error: null, dataUpdatedAt: 0, refetch: () => undefined }}
      rowsOf={(fruits) => fruits}
      label="Fruits"
      expected={3}
      empty={{ title: 'No fruit yet', text: 'They fall in autumn.' }}
      columns={[{ id: 'name', header: 'Name', cell: ({ id }: Fruit) => id }]}
      rowId={({ id }) => id}
      details={{ openId: 'pear', open: (id) => opened.push(id), close: () => opened.push('nothing') }}
    />,
  )

test('a list shows the shape of what comes, then says that there is nothing, or shows it', () => {
  draw(undefined)
  expect(screen.getByRole('status', { name: 'Loading fruits' })).toBeDefined()
  cleanup()
  draw([])
  expect(screen.getByRole('heading', { name: 'No fruit yet' })).toBeDefined()
  cleanup()
  draw([{ id: 'apple' }])
  expect(screen.getByRole('table', { name: 'Fruits' }).textContent).toContain('apple')
})

test('rows open their details, Escape closes them', () => {
  const opened: string[] = []
  draw([{ id: 'apple' }, { id: 'pear' }], opened)
  expect(screen.getByText('pear').closest('tr')?.getAttribute('aria-current')).toBe('true')
  fireEvent.click(screen.getByText('apple'))
  fireEvent.keyDown(document.body, { key: 'Escape' })
  expect(opened).toEqual(['apple', 'nothing'])
})
