import { getRuntime } from '#server/runtime.ts'
import { answerTrpcRequest } from '#server/trpc-endpoint.ts'

const answer = (request: Request): Promise<Response> => answerTrpcRequest(getRuntime(), request)

export { answer as GET, answer as POST }
