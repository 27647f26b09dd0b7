import { afterAll, beforeAll } from 'vitest'
import { type Ingest, startIngest } from '#collector/ingest/start-ingest.ts'
import type { TestDatabase } from '#db/test-database.ts'
import { createLog } from '#log.ts'

/** The receivers of this test file's own, on free ports, in front of its database; stopped after it. */
export function useTestIngest(database: () => TestDatabase): () => Ingest {
  let current: Ingest | null = null
  beforeAll(async () => {
    const log = createLog('test', 'silent')
    current = await startIngest({ pool: database().pool, httpPort: 0, grpcPort: 0, host: '127.0.0.1', log })
  })
  afterAll(() => current?.stop())
  return () => {
    if (current === null) throw new Error('spans are received only inside tests')
    return current
  }
}
