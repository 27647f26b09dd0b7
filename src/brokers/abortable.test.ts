import { expect, test } from 'vitest'
import { abortable } from '#brokers/abortable.ts'

test('a caller that had given up before gets a Failure, and the late failure of the work is not unhandled', async () => {
  const unhandled: unknown[] = []
  const listen = (reason: unknown) => unhandled.push(reason)
  process.on('unhandledRejection', listen)
  const work = Promise.withResolvers<void>()
  await expect(abortable(work.promise, AbortSignal.abort())).rejects.toMatchObject({
    code: 'internal',
    retryable: true,
  })
  work.reject(new Error('late'))
  await new Promise((resolve) => setImmediate(resolve))
  process.off('unhandledRejection', listen)
  expect(unhandled).toEqual([])
})

test('giving up ends the waiting', async () => {
  const abort = new AbortController()
  const waiting = abortable(new Promise(() => undefined), abort.signal)
  abort.abort()
  await expect(waiting).rejects.toMatchObject({ retryable: true })
})

test('an answer that comes in time is the answer', async () => {
  await expect(abortable(Promise.resolve(7), new AbortController().signal)).resolves.toBe(7)
})
