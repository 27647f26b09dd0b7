import { createApprovalSeal } from '#commands/operation/approval-seal.ts'
import { hashPassword } from '#commands/person/password-hash.ts'
import { openSession } from '#commands/session/open-session.ts'
import type { Database } from '#db/client.ts'
import { insertPerson } from '#db/store/person-store.ts'
import type { Role } from '#domain/access/role.ts'
import { openExpressionRunner } from '#expression/open-expression-runner.ts'
import { createLog } from '#log.ts'
import { Failure } from '#domain/failure.ts'
import { openMaskRule } from '#domain/masking/mask-text.ts'
import { FlowShelf } from '#server/flow-shelf.ts'
import type { Runtime } from '#server/runtime.ts'
import { answerTrpcRequest } from '#server/trpc-endpoint.ts'
import type { TelemetryReader } from '#telemetry-store/telemetry-store.ts'

const ORIGIN = 'https://console.example'

/** A web process around a test's own database, spoken to over HTTP as a browser does; no socket is opened. */
export interface TestWeb {
  readonly runtime: Runtime
  /** Moves the process' clock. */
  readonly setNowMs: (nowMs: number) => void
  readonly addPerson: (login: string, role: Role, options?: { mustChangePassword?: boolean }) => Promise<string>
  /** A cookie header of a fresh session. */
  readonly openSessionOf: (personId: string) => Promise<string>
  readonly query: (path: string, input: unknown, cookie: string | null) => Promise<Response>
  readonly mutate: (path: string, input: unknown, cookie: string | null, headers?: HeadersInit) => Promise<Response>
}

export const TEST_PASSWORD = 'correct horse battery'

export function openTestWeb(database: Database, telemetry: TelemetryReader): TestWeb {
  let clockMs = Date.now()
  const runtime: Runtime = {
    config: {
      DATABASE_URL: 'postgres://unused',
      LOG_LEVEL: 'silent',
      OTEL_EXPORTER_OTLP_ENDPOINT: undefined,
      THROUGHLINE_SECRET: 'unused',
      THROUGHLINE_URL: ORIGIN,
    },
    database,
    telemetry,
    flowShelf: new FlowShelf(),
    approvalSeal: createApprovalSeal('the seal of the tests, 32 bytes or more'),
    maskRule: openMaskRule(''),
    askCollector: () => Promise.reject(new Failure('broker-unavailable', 'there is no collector here')),
    expressions: openExpressionRunner(),
    log: createLog('test', 'silent'),
    nowMs: () => clockMs,
  }
  const headersOf = (cookie: string | null): Record<string, string> => (cookie === null ? {} : { cookie })
  return {
    runtime,
    setNowMs: (nowMs) => void (clockMs = nowMs),
    addPerson: async (login, role, options = {}) => {
      const passwordExpiredAt = options.mustChangePassword ? new Date() : null
      const passwordHash = await hashPassword(TEST_PASSWORD)
      const id = await insertPerson(database, { login, name: login, role, passwordHash, passwordExpiredAt })
      if (id === null) throw new Error(`${login} exists already`)
      return id
    },
    openSessionOf: async (personId) => `__Host-throughline_session=${await openSession(database, personId, clockMs)}`,
    query: (path, input, cookie) => {
      const search = input === undefined ? '' : `?input=${encodeURIComponent(JSON.stringify({ json: input }))}`
      return answerTrpcRequest(
        runtime,
        new Request(`${ORIGIN}/api/trpc/${path}${search}`, { headers: headersOf(cookie) }),
      )
    },
    mutate: (path, input, cookie, headers) =>
      answerTrpcRequest(
        runtime,
        new Request(`${ORIGIN}/api/trpc/${path}`, {
          method: 'POST',
          headers: headers ?? { origin: ORIGIN, 'content-type': 'application/json', ...headersOf(cookie) },
          body: JSON.stringify({ json: input }),
        }),
      ),
  }
}
