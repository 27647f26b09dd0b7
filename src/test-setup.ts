import { afterEach, beforeEach, expect, vi } from 'vitest'

/** Unexpected console output fails a test: what matters is asserted, what does not matter is not printed. */
let errors: unknown[][] = []

beforeEach(() => {
  errors = []
  vi.spyOn(console, 'error').mockImplementation((...words) => void errors.push(words))
  vi.spyOn(console, 'warn').mockImplementation((...words) => void errors.push(words))
})

afterEach(() => {
  expect(errors, 'unexpected console output').toEqual([])
})
