import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, expect, test } from 'vitest'
import { isTypedRight, TYPING_THRESHOLD, wordsToType } from '#ui/confirm/needs-typing.ts'
import { TypingGate } from '#ui/confirm/typing-gate.tsx'

afterEach(cleanup)

const draw = (words: string | null) =>
  render(
    <TypingGate words={words} consequence="This sends 1,107 messages to orders.">
      {(isOpen) => (
        <button type="button" disabled={!isOpen}>
          Start
        </button>
      )}
    </TypingGate>,
  )

const isStartOpen = () => !(screen.getByRole('button', { name: 'Start' }) as HTMLButtonElement).disabled

test('below the threshold a press is enough', () => {
  expect(wordsToType(TYPING_THRESHOLD, false)).toBeNull()
  draw(null)
  expect(isStartOpen()).toBe(true)
  expect(screen.queryByRole('textbox')).toBeNull()
})

test('production asks earlier', () => {
  expect(wordsToType(200, false)).toBeNull()
  expect(wordsToType(200, true)).toBe('200')
})

test('above it the button opens only while the figure is typed, with the consequence beside it', () => {
  draw(wordsToType(1107, false))
  expect(isStartOpen()).toBe(false)
  const box = screen.getByLabelText(/This sends 1,107 messages to orders\./)
  fireEvent.change(box, { target: { value: '110' } })
  expect(isStartOpen()).toBe(false)
  fireEvent.change(box, { target: { value: '1,107' } })
  expect(isStartOpen()).toBe(true)
  fireEvent.change(box, { target: { value: '1,1070' } })
  expect(isStartOpen()).toBe(false)
})

test('separators between digits do not matter, other figures do', () => {
  expect(isTypedRight(' 1 107 ', '1107')).toBe(true)
  expect(isTypedRight('', '1107')).toBe(false)
  expect(isTypedRight('1108', '1107')).toBe(false)
})
