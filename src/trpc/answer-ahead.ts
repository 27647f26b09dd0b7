/**
 * The answer to what a page asks first, asked for by the server while it wrote the page, so that nobody waits for the
 * scripts before the question is put. Null when it was not given: the page then asks for itself and is told why.
 */
export type AnswerAhead<Answer> = Promise<Answer | null>

const taken = new WeakSet<AnswerAhead<unknown>>()

/**
 * The answer ahead if it is here already, so that the page is drawn once and with it; undefined while it is on its way.
 * Like {@link takeAhead} it gives an answer once.
 */
export function peekAhead<Answer>(ahead: AnswerAhead<Answer>): Answer | undefined {
  if (taken.has(ahead)) return undefined
  const found: { answer: Answer | null } = { answer: null }
  // What came along with the page calls back at once; a promise of the language never does, and is awaited instead.
  void ahead.then((answer) => (found.answer = answer))
  if (found.answer === null) return undefined
  taken.add(ahead)
  return found.answer
}

/** The answer ahead, once: a page that is shown again, or asks again, must not take what was true before. */
export function takeAhead<Answer>(ahead: AnswerAhead<Answer>): AnswerAhead<Answer> {
  if (taken.has(ahead)) return Promise.resolve(null)
  taken.add(ahead)
  return ahead
}
