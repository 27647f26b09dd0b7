import type { SendScope } from '#engine/send-scope.ts'

/** What a broker answers, or a rejection with the reason as soon as a stop is not to be held up any longer. */
export async function withinHurry<Answer>(
  { hurry }: Pick<SendScope, 'hurry'>,
  answer: Promise<Answer>,
): Promise<Answer> {
  const given = Promise.withResolvers<never>()
  const giveUp = (): void => given.reject(hurry.reason)
  if (hurry.aborted) giveUp()
  hurry.addEventListener('abort', giveUp, { once: true })
  try {
    return await Promise.race([answer, given.promise])
  } finally {
    hurry.removeEventListener('abort', giveUp)
  }
}
