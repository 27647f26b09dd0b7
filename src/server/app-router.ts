import { attributeIndexRouter } from '#server/routers/attribute-index-router.ts'
import { auditRouter } from '#server/routers/audit-router.ts'
import { clusterRouter } from '#server/routers/cluster-router.ts'
import { comparisonRouter } from '#server/routers/comparison-router.ts'
import { consumerRouter } from '#server/routers/consumer-router.ts'
import { connectorRouter } from '#server/routers/connector-router.ts'
import { correlationRouter } from '#server/routers/correlation-router.ts'
import { deadLetterRouter } from '#server/routers/dead-letter-router.ts'
import { expectedTimeRouter } from '#server/routers/expected-time-router.ts'
import { flowRouter } from '#server/routers/flow-router.ts'
import { instrumentationRouter } from '#server/routers/instrumentation-router.ts'
import { operationRouter } from '#server/routers/operation-router.ts'
import { overviewRouter } from '#server/routers/overview-router.ts'
import { pauseRouter } from '#server/routers/pause-router.ts'
import { personRouter } from '#server/routers/person-router.ts'
import { resetRouter } from '#server/routers/reset-router.ts'
import { retryRouter } from '#server/routers/retry-router.ts'
import { sessionRouter } from '#server/routers/session-router.ts'
import { settingRouter } from '#server/routers/setting-router.ts'
import { topologyRouter } from '#server/routers/topology-router.ts'
import { router } from '#server/procedure.ts'

/** Everything that the browser may ask for. */
export const appRouter = router({
  session: sessionRouter,
  overview: overviewRouter,
  flow: flowRouter,
  attributeIndex: attributeIndexRouter,
  topology: topologyRouter,
  instrumentation: instrumentationRouter,
  retry: retryRouter,
  comparison: comparisonRouter,
  consumer: consumerRouter,
  reset: resetRouter,
  connector: connectorRouter,
  pause: pauseRouter,
  deadLetter: deadLetterRouter,
  operation: operationRouter,
  cluster: clusterRouter,
  correlation: correlationRouter,
  expectedTime: expectedTimeRouter,
  audit: auditRouter,
  person: personRouter,
  setting: settingRouter,
})

export type AppRouter = typeof appRouter
