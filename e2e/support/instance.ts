/** The installation that the specs run against, as start-instance.ts brought it up. */
export interface Instance {
  readonly url: string
  readonly demoUrl: string
  readonly databaseUrl: string
  readonly brokerKind: string
  readonly otlpHttpUrl: string
  readonly login: string
  readonly oneTimePassword: string
  readonly collectorPid: number
}

export const OWNER_PASSWORD = 'a good night for the on-call'
export const OWNER_STATE = '.cache/e2e/owner.json'

const KEY = 'THROUGHLINE_E2E_INSTANCE'

export function publishInstance(instance: Instance): void {
  process.env[KEY] = JSON.stringify(instance)
}

/** @throws Error outside a Playwright run */
export function currentInstance(): Instance {
  const text = process.env[KEY]
  if (text === undefined) throw new Error('no instance: run through `npm test -- e2e`')
  return JSON.parse(text) as Instance
}
