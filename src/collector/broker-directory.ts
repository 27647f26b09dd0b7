import type { Broker } from '#brokers/broker.ts'
import type { BrokerDirectory } from '#collector/duty.ts'
import { unsealSecret, type ClusterSecret } from '#collector/seal.ts'
import type { Database } from '#db/client.ts'
import { findActiveCluster, type ClusterRow } from '#db/store/cluster-store.ts'
import { Failure } from '#domain/failure.ts'

export interface BrokerOpening {
  readonly clusterId: string
  readonly kind: ClusterRow['kind']
  readonly configuration: Readonly<Record<string, unknown>>
  readonly secret: ClusterSecret | null
}

export type BrokerOpener = (opening: BrokerOpening) => Promise<Broker>

export interface ClosableBrokerDirectory extends BrokerDirectory {
  close(): Promise<void>
}

interface Entry {
  readonly fingerprint: string
  readonly broker: Promise<Broker>
}

/**
 * Opens adapters on first use and keeps them. A cluster whose registration has changed since is opened anew on the next
 * `get`; a failed opening is forgotten, so that the next call tries again.
 */
export function createBrokerDirectory(
  database: Database,
  sealKey: string,
  open: BrokerOpener,
  onCloseFailure: (clusterId: string, error: unknown) => void,
): ClosableBrokerDirectory {
  const entries = new Map<string, Entry>()
  const retire = async (clusterId: string, entry: Entry): Promise<void> => {
    try {
      await (await entry.broker).close()
    } catch (error) {
      onCloseFailure(clusterId, error)
    }
  }

  return {
    async get(clusterId) {
      const row = await findActiveCluster(database, clusterId)
      if (row === null) throw new Failure('not-found', `no cluster ${clusterId} is registered`)
      const fingerprint = fingerprintOf(row)
      const known = entries.get(clusterId)
      if (known?.fingerprint === fingerprint) return known.broker
      if (known !== undefined) void retire(clusterId, known)
      const entry: Entry = { fingerprint, broker: openRow(row, sealKey, open) }
      entries.set(clusterId, entry)
      entry.broker.catch(() => {
        if (entries.get(clusterId) === entry) entries.delete(clusterId)
      })
      return entry.broker
    },
    async close() {
      const open = [...entries]
      entries.clear()
      await Promise.all(open.map(([clusterId, entry]) => retire(clusterId, entry)))
    },
  }
}

function fingerprintOf(row: ClusterRow): string {
  const secret = row.sealedSecret === null ? '' : Buffer.from(row.sealedSecret).toString('base64')
  return JSON.stringify([row.kind, row.configuration, secret])
}

async function openRow(row: ClusterRow, sealKey: string, open: BrokerOpener): Promise<Broker> {
  const secret = row.sealedSecret === null ? null : unsealSecret(sealKey, row.id, row.sealedSecret)
  return open({ clusterId: row.id, kind: row.kind, configuration: row.configuration, secret })
}
