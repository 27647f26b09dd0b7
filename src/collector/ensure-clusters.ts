import { z } from 'zod'
import { sealSecret, unsealSecret, type ClusterSecret } from '#collector/seal.ts'
import type { Database } from '#db/client.ts'
import { findActiveCluster, upsertCluster } from '#db/store/cluster-store.ts'
import { Failure } from '#domain/failure.ts'

const configuredClusters = z.array(
  z.object({
    id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'is a slug: small letters, digits, dashes'),
    kind: z.enum(['kafka', 'pgqueue', 'rabbitmq', 'sqs']),
    name: z.string().min(1),
    environment: z.string().min(1).default('development'),
    configuration: z.record(z.string(), z.unknown()),
    secret: z.record(z.string(), z.unknown()).optional(),
  }),
)

/** @throws Failure `invalid` that says where THROUGHLINE_CLUSTERS is wrong; values, which may be secrets, are not repeated. */
export function parseConfiguredClusters(text: string): z.output<typeof configuredClusters> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new Failure('invalid', 'configuration: THROUGHLINE_CLUSTERS is not JSON', { cause })
  }
  const parsed = configuredClusters.safeParse(value)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
  throw new Failure('invalid', `configuration: THROUGHLINE_CLUSTERS: ${problems.join('; ')}`)
}

/** Makes the cluster table contain what the configuration names, credentials sealed. @returns the ids. */
export async function ensureClusters(database: Database, sealKey: string, text: string): Promise<readonly string[]> {
  const configured = parseConfiguredClusters(text)
  for (const { secret, ...registration } of configured) {
    const sealedSecret = await sealUnlessSame(database, sealKey, registration.id, secret ?? null)
    await upsertCluster(database, { ...registration, sealedSecret })
  }
  return configured.map((cluster) => cluster.id)
}

/** Keeps an envelope that already holds this secret: a new nonce at every start would look like a change of credentials. */
async function sealUnlessSame(
  database: Database,
  sealKey: string,
  clusterId: string,
  secret: ClusterSecret | null,
): Promise<Uint8Array | null> {
  if (secret === null) return null
  const sealed = (await findActiveCluster(database, clusterId))?.sealedSecret ?? null
  if (sealed !== null && holdsSecret(sealKey, clusterId, sealed, secret)) return sealed
  return sealSecret(sealKey, clusterId, secret)
}

function holdsSecret(sealKey: string, clusterId: string, sealed: Uint8Array, secret: ClusterSecret): boolean {
  try {
    return JSON.stringify(unsealSecret(sealKey, clusterId, sealed)) === JSON.stringify(secret)
  } catch (error) {
    // The seal key was replaced: the configured secret is at hand, so it is sealed again with the new one.
    if (error instanceof Failure && error.code === 'invalid') return false
    throw error
  }
}
