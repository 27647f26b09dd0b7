/** What a broker says about how safely a place keeps messages; null = unknown, or not a thing of this broker. */
export interface PlaceDurability {
  readonly destination: string
  readonly replicationFactor: number | null
  /** How many replicas have a message when its send is confirmed at the latest. */
  readonly minInsyncReplicas: number | null
}

const NAMES_SHOWN = 3

/**
 * Whole sentences about places where a confirmed message can be lost with one machine: those with a single replica, and
 * those that confirm as soon as the leader alone has it.
 */
export function describeDurability(
  targets: readonly PlaceDurability[],
  source: PlaceDurability | null,
): readonly string[] {
  const [lone, lagging] = [targets.filter(isLone), targets.filter(isLagging)]
  const sentences: string[] = []
  if (lone.length > 0) {
    sentences.push(
      `${listNames(lone)} ${lone.length === 1 ? 'has' : 'have'} a single replica (replication factor 1): when its broker is lost, so are the copies that were confirmed there.`,
    )
  }
  if (lagging.length > 0) {
    const verb = lagging.length === 1 ? 'confirms' : 'confirm'
    sentences.push(
      `${listNames(lagging)} ${verb} with min.insync.replicas 1: while the other replicas lag behind, the leader confirms alone, and losing it then loses the copies that it confirmed.`,
    )
  }
  if (source !== null && isLone(source)) {
    sentences.push(
      `${source.destination}, where the dead letters lie, has a single replica (replication factor 1): when its broker is lost, what has not been sent by then cannot be sent any more.`,
    )
  }
  if (source !== null && isLagging(source)) {
    sentences.push(
      `${source.destination}, where the dead letters lie, has min.insync.replicas 1: the newest of them can be lost with the leader before another replica has them.`,
    )
  }
  return sentences
}

const isLone = (place: PlaceDurability): boolean => place.replicationFactor === 1

/** A single replica is said already, and worse. */
const isLagging = (place: PlaceDurability): boolean => !isLone(place) && place.minInsyncReplicas === 1

function listNames(places: readonly PlaceDurability[]): string {
  const names = places.slice(0, NAMES_SHOWN).map((place) => place.destination)
  const more = places.length - names.length
  return `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}
