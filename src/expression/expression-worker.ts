import { parentPort } from 'node:worker_threads'
import type { LetterSubject, MatchedLetters } from '#domain/dead-letter/letter-subject.ts'
import { Failure } from '#domain/failure.ts'
import { type CompiledExpression, compileExpression } from '#expression/compile-expression.ts'

/** The whole of a worker thread: everything that an expression of somebody's can do happens in here. */
export interface ExpressionTask {
  readonly expression: string
  readonly subjects: readonly LetterSubject[]
}

/** `refused`: the expression is none; `failed`: anything else that was not expected. */
export type ExpressionAnswer =
  | { readonly kind: 'matched'; readonly answer: MatchedLetters }
  | { readonly kind: 'refused' | 'failed'; readonly reason: string }

let latest: { readonly expression: string; readonly compiled: CompiledExpression } | null = null

function answer({ expression, subjects }: ExpressionTask): MatchedLetters {
  if (latest?.expression !== expression) latest = { expression, compiled: compileExpression(expression) }
  const matched: number[] = []
  let failedCount = 0
  let failedReason: string | null = null
  for (const [place, subject] of subjects.entries()) {
    const found = latest.compiled(subject)
    if (found === true) matched.push(place)
    else if (found !== false) {
      failedCount += 1
      failedReason ??= found.reason
    }
  }
  return { matched, failedCount, failedReason }
}

function tryAnswer(task: ExpressionTask): ExpressionAnswer {
  try {
    return { kind: 'matched', answer: answer(task) }
  } catch (error) {
    const kind = error instanceof Failure && error.code === 'invalid' ? 'refused' : 'failed'
    return { kind, reason: error instanceof Error ? error.message : String(error) }
  }
}

parentPort?.on('message', (task: ExpressionTask) => parentPort?.postMessage(tryAnswer(task)))
parentPort?.postMessage('ready')
