import { cleanup, render } from '@testing-library/react'
import { afterEach, expect, test } from 'vitest'
import { NameList } from '#ui/name-list.tsx'
import { Sentence } from '#ui/sentence.tsx'

afterEach(cleanup)

const TURNED = '\u202Edekcatta'

test('a name that turns the direction turns no word of the sentence that it stands in', () => {
  const { container } = render(<Sentence text={`${TURNED} took nothing from orders.`} />)
  expect(container.textContent).toBe('\uFFFDdekcatta took nothing from orders.')
})

test('of a list of names each stands for itself', () => {
  const { container } = render(
    <p>
      over <NameList names={[TURNED, 'orders']} separator=" → " />
    </p>,
  )
  expect(container.textContent).toBe(`over ${TURNED} → orders`)
  expect([...container.querySelectorAll('bdi')].map(({ textContent }) => textContent)).toEqual([TURNED, 'orders'])
})
