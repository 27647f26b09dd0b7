import { z } from 'zod'
import { Failure } from '#domain/failure.ts'
import type { MeasuredAge } from '#domain/lag/measured-age.ts'
import type { Runtime } from '#server/runtime.ts'

const answerSchema = z.object({
  atMs: z.number(),
  lanes: z.array(
    z.object({
      lane: z.string(),
      position: z.string(),
      ageMs: z.number().nullable(),
      because: z.string().nullable(),
    }),
  ),
  leftOutCount: z.number(),
})

/** Asks a collector how old the records are that a group has to read next. @throws Failure as the collector gave it */
export async function readMeasuredAge(
  runtime: Pick<Runtime, 'askCollector'>,
  asked: { readonly clusterId: string; readonly group: string; readonly destination: string },
): Promise<MeasuredAge> {
  const { clusterId, group, destination } = asked
  const answer = answerSchema.safeParse(
    await runtime.askCollector({ kind: 'measure-age', clusterId, question: { group, destination } }),
  )
  if (!answer.success) throw new Failure('internal', 'the collector gave an answer that cannot be read')
  return answer.data
}
