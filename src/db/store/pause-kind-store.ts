import { and, eq, isNull } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { cluster, consumerGroup, groupLag } from '#db/schema/cluster.ts'
import { PAUSE_KINDS, type PauseKind } from '#domain/pause/pause-lease.ts'

/** A way in which a group can be kept from taking messages, and what it does, in words. */
export interface PossibleKind {
  readonly kind: PauseKind
  readonly explanation: string
}

/** Every consumer can be asked, if it listens; the broker's part is what its adapter says that it can do. */
const ASKING: PossibleKind = {
  kind: 'cooperative',
  explanation:
    'The consumers are asked over the control channel; they finish what they have taken and keep their place.',
}

/** How a group can be paused; null when nobody knows the group or the cluster is not connected any more. */
export async function findPauseKinds(
  database: Database,
  clusterId: string,
  group: string,
): Promise<readonly PossibleKind[] | null> {
  const [found] = await database
    .select({ capabilities: cluster.capabilities })
    .from(cluster)
    .where(and(eq(cluster.id, clusterId), isNull(cluster.removedAt)))
  if (found === undefined || !(await isGroupKnown(database, clusterId, group))) return null
  const holds = holdsOf(found.capabilities['consumerControl'])
  // Connect names the group of a sink after it; its workers run no code of ours that could be asked.
  const hasConnector = group.startsWith('connect-') && holds.some(({ kind }) => kind === 'connect')
  return hasConnector ? holds : [ASKING, ...holds.filter(({ kind }) => kind !== 'connect')]
}

async function isGroupKnown(database: Database, clusterId: string, group: string): Promise<boolean> {
  const [listed] = await database
    .select({ name: consumerGroup.name })
    .from(consumerGroup)
    .where(and(eq(consumerGroup.clusterId, clusterId), eq(consumerGroup.name, group)))
  if (listed !== undefined) return true
  const [judged] = await database
    .select({ name: groupLag.groupName })
    .from(groupLag)
    .where(and(eq(groupLag.clusterId, clusterId), eq(groupLag.groupName, group)))
    .limit(1)
  return judged !== undefined
}

/** As the inventory poll wrote them down. */
function holdsOf(control: unknown): readonly PossibleKind[] {
  if (typeof control !== 'object' || control === null || !('holds' in control) || !Array.isArray(control.holds))
    return []
  return control.holds.flatMap((hold: { readonly kind?: unknown; readonly explanation?: unknown }) => {
    const kind = PAUSE_KINDS.find((known) => known === hold.kind)
    return kind === undefined ? [] : [{ kind, explanation: String(hold.explanation) }]
  })
}
