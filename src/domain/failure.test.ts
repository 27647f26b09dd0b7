import { expect, test, vi } from 'vitest'
import { Failure, toFailure } from '#domain/failure.ts'

class Particular extends Failure {
  constructor() {
    super('limit', 'this very one')
  }
}

test('a failure of another copy of the module is a failure, and stays itself', async () => {
  vi.resetModules()
  const other = await import('#domain/failure.ts')
  expect(other.Failure).not.toBe(Failure)
  const thrown = new other.Failure('invalid', 'not an expression')
  expect(thrown instanceof Failure).toBe(true)
  expect(toFailure(thrown)).toBe(thrown)
})

test('a particular failure is told from the others, and an error that only looks like one is none', () => {
  expect(new Particular() instanceof Failure).toBe(true)
  expect(new Particular() instanceof Particular).toBe(true)
  expect(new Failure('limit', 'another') instanceof Particular).toBe(false)
  const alike = Object.assign(new Error('no'), { code: 'invalid', retryable: false, details: {}, name: 'Failure' })
  expect(alike instanceof Failure).toBe(false)
  expect(toFailure(alike)).toMatchObject({ code: 'internal', cause: alike })
})
