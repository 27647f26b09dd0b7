import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import type { LetterSubject, MatchedLetters, MatchLetters } from '#domain/dead-letter/letter-subject.ts'
import { Failure } from '#domain/failure.ts'
import type { ExpressionAnswer, ExpressionTask } from '#expression/expression-worker.ts'

export interface ExpressionRunner {
  readonly match: MatchLetters
  /** Ends the worker; what still waits fails. */
  close(): Promise<void>
}

export interface ExpressionLimits {
  /** For one batch, from when the worker begins with it. */
  readonly deadlineMs: number
  readonly memoryMb: number
  /** Batches that wait for the one worker; more are refused. */
  readonly maxWaiting: number
}

const LIMITS: ExpressionLimits = { deadlineMs: 3_000, memoryMb: 128, maxWaiting: 16 }
/** A worker has to be there within this time on a machine that is not overwhelmed. */
const START_LIMIT_MS = 20_000
const IDLE_MS = 60_000

/**
 * The worker is run from its source, as every process of ours is; all of them stand in the project's folder. The web's
 * modules are bundled, so that a place beside this module is not known there.
 */
const workerPath = () => join(process.cwd(), 'src', 'expression', 'expression-worker.ts')

/** One worker thread, started when it is first needed and ended when it idles: expressions are run nowhere else. */
export function openExpressionRunner(limits: Partial<ExpressionLimits> = {}): ExpressionRunner {
  const { deadlineMs, memoryMb, maxWaiting } = { ...LIMITS, ...limits }
  let worker: Promise<Worker> | null = null
  let turn: Promise<unknown> = Promise.resolve()
  let waitingCount = 0
  let isClosed = false
  let idling: ReturnType<typeof setTimeout> | undefined

  const endWorker = async (): Promise<void> => {
    const ending = worker
    worker = null
    await (await ending?.catch(() => null))?.terminate()
  }
  const run = async (task: ExpressionTask): Promise<MatchedLetters> => {
    if (isClosed) throw new Failure('conflict', 'the process is stopping', { retryable: true })
    worker ??= startWorker(memoryMb)
    try {
      const given = await ask(await worker, task, deadlineMs)
      if (given.kind === 'matched') return given.answer
      throw new Failure(given.kind === 'refused' ? 'invalid' : 'internal', given.reason)
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== 'invalid') await endWorker()
      throw error
    }
  }
  return {
    match: (expression: string, subjects: readonly LetterSubject[]) => {
      if (waitingCount >= maxWaiting)
        return Promise.reject(
          new Failure('limit', 'Too many searches by expression run at once; try again in a moment.', {
            retryable: true,
          }),
        )
      waitingCount += 1
      clearTimeout(idling)
      const mine = turn.then(() => run({ expression, subjects }))
      const settled = mine
        .catch(() => undefined)
        .then(() => {
          waitingCount -= 1
          if (waitingCount === 0 && !isClosed) idling = setTimeout(() => void endWorker(), IDLE_MS).unref()
        })
      turn = settled
      return mine
    },
    close: async () => {
      isClosed = true
      clearTimeout(idling)
      await endWorker()
      await turn
    },
  }
}

/** Ready when the worker says so; it does not keep the process alive. */
async function startWorker(memoryMb: number): Promise<Worker> {
  // Taken at run time: the web's bundler would put a worker of its own making in the place of one that it can see.
  const { Worker: Thread } = process.getBuiltinModule('node:worker_threads')
  const worker = new Thread(workerPath(), {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: memoryMb, maxYoungGenerationSizeMb: 32, stackSizeMb: 2 },
  })
  worker.unref()
  await answerOf(worker, START_LIMIT_MS, 'The worker for expressions did not start in time.')
  return worker
}

async function ask(worker: Worker, task: ExpressionTask, deadlineMs: number): Promise<ExpressionAnswer> {
  const answer = answerOf(
    worker,
    deadlineMs,
    `The expression was stopped: it takes longer than ${deadlineMs / 1_000} s.`,
  )
  worker.postMessage(task)
  return (await answer) as ExpressionAnswer
}

/** The worker's next message. @throws Failure `limit` when it does not come in time, or the worker runs out of memory */
function answerOf(worker: Worker, limitMs: number, lateMessage: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const end = (settle: () => void) => {
      clearTimeout(timer)
      worker.off('message', onMessage).off('error', onError).off('exit', onExit)
      settle()
    }
    const onMessage = (message: unknown) => end(() => resolve(message))
    const onError = (cause: unknown) =>
      end(() =>
        reject(
          cause instanceof Error && 'code' in cause && cause.code === 'ERR_WORKER_OUT_OF_MEMORY'
            ? new Failure('limit', 'The expression was stopped: it takes too much memory.', { cause })
            : new Failure('internal', 'the worker for expressions broke', { cause }),
        ),
      )
    const onExit = () => end(() => reject(new Failure('internal', 'the worker for expressions ended')))
    const timer = setTimeout(() => end(() => reject(new Failure('limit', lateMessage))), limitMs)
    worker.on('message', onMessage).on('error', onError).on('exit', onExit)
  })
}
