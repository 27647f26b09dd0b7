import { describeLagEffect, type AddedTraffic } from '#domain/operation/describe-lag-effect.ts'
import { describeDurability, type PlaceDurability } from '#domain/operation/describe-durability.ts'
import { describeSchemas, type PlannedSchemas } from '#domain/operation/planned-schemas.ts'
import type {
  OvertakenKeys,
  PlannedEdit,
  PlannedExclusion,
  PlannedReader,
  PlannedTarget,
  RedrivePlan,
} from '#domain/operation/redrive-plan.ts'
import { describeSelectionChange, type SelectionChange } from '#domain/operation/selection-change.ts'
import { describeTargetHealth, type TargetHealth } from '#domain/operation/target-health.ts'

/** What the database knows of a frozen manifest; the counts are messages. */
export interface ManifestFacts {
  readonly selectedCount: number
  readonly redrivenBeforeCount: number
  readonly orderKeyCount: number
  readonly payloadBytes: number
  readonly cutPayloadCount: number
  readonly firstExpiryAtMs: number | null
  /** Of those that are sent, by target and by the group that failed on them (null: the dead letter does not say). */
  readonly sends: readonly {
    readonly destination: string
    readonly failedGroup: string | null
    readonly count: number
  }[]
  readonly exclusions: readonly PlannedExclusion[]
  readonly readers: readonly KnownReader[]
  /** Of the targets and of the source, as far as the inventory knows them. */
  readonly targetDurability: readonly PlaceDurability[]
  readonly sourceDurability: PlaceDurability | null
  /** False while no inventory of the cluster has been read: then nobody can say whether a target exists. */
  readonly hasInventory: boolean
  readonly edit: PlannedEdit | null
  readonly overtaken: OvertakenKeys | null
  readonly change: SelectionChange
  readonly health: readonly TargetHealth[]
  readonly schemas: PlannedSchemas | null
}

/** A group that reads a target, as it was last polled. */
export interface KnownReader {
  readonly destination: string
  readonly group: string
  readonly state: string
  readonly sentence: string
  readonly lagMessages: number | null
  readonly drainPerSecond: number | null
}

export interface PlanTerms {
  readonly plannedAtMs: number
  readonly ratePerSecond: number
  readonly confirmContract: string
}

/** States of a group in which sending it more would not help anybody. */
const UNFIT_STATES = new Set(['DATA_LOSS', 'STOPPED', 'STALLED', 'REBALANCING', 'ORPHANED', 'PAUSED'])

/** The dry run: from the facts of the manifest to what a person decides on. */
export function draftPlan(facts: ManifestFacts, terms: PlanTerms): RedrivePlan {
  const sendCount = facts.sends.reduce((total, send) => total + send.count, 0)
  const targets = draftTargets(facts, terms.ratePerSecond, sendCount)
  const countOf = (state: PlannedExclusion['state']): number =>
    facts.exclusions.filter((one) => one.state === state).reduce((total, one) => total + one.count, 0)
  return {
    plannedAtMs: terms.plannedAtMs,
    selectedCount: facts.selectedCount,
    sendCount,
    skippedCount: countOf('skipped'),
    quarantinedCount: countOf('quarantined'),
    targets,
    exclusions: facts.exclusions,
    redrivenBeforeCount: facts.redrivenBeforeCount,
    orderKeyCount: facts.orderKeyCount,
    payloadBytes: facts.payloadBytes,
    cutPayloadCount: facts.cutPayloadCount,
    durationAtCapMs: Math.ceil((sendCount / terms.ratePerSecond) * 1_000),
    firstExpiryAtMs: facts.firstExpiryAtMs,
    confirmContract: terms.confirmContract,
    edit: facts.edit,
    overtaken: facts.overtaken,
    schemas: facts.schemas,
    warnings: draftWarnings(facts, targets, terms, sendCount),
  }
}

const planReader = (reader: KnownReader, added: AddedTraffic): PlannedReader => ({
  group: reader.group,
  state: reader.state,
  sentence: reader.sentence,
  lagMessages: reader.lagMessages,
  lagEffect: describeLagEffect(reader, added),
})

/** Every target gets its share of the cap. */
function draftTargets(facts: ManifestFacts, ratePerSecond: number, sendCount: number): readonly PlannedTarget[] {
  const names = [...new Set(facts.sends.map((send) => send.destination))]
  return names
    .map((destination) => {
      const sends = facts.sends.filter((send) => send.destination === destination)
      const failed = new Set(sends.flatMap((send) => send.failedGroup ?? []))
      const readers = facts.readers.filter((reader) => reader.destination === destination)
      const count = sends.reduce((total, send) => total + send.count, 0)
      const added = { count, ratePerSecond: (ratePerSecond * count) / sendCount }
      const polled = new Map(readers.map((reader) => [reader.group, planReader(reader, added)]))
      const never = (group: string): PlannedReader => ({ group, state: null, sentence: null, lagMessages: null })
      return {
        destination,
        count,
        failedGroups: [...failed].map((group) => polled.get(group) ?? never(group)),
        otherReaders: [...polled.values()].filter((reader) => !failed.has(reader.group)),
      }
    })
    .toSorted((left, right) => right.count - left.count)
}

function draftWarnings(
  facts: ManifestFacts,
  targets: readonly PlannedTarget[],
  terms: PlanTerms,
  sendCount: number,
): readonly string[] {
  const warnings: string[] = []
  if (sendCount === 0) warnings.push('Nothing would be sent.')
  for (const { destination, failedGroups, otherReaders } of targets) {
    for (const reader of failedGroups) {
      if (reader.state !== null && UNFIT_STATES.has(reader.state)) {
        warnings.push(`${reader.group} is ${reader.state} on ${destination}: ${reader.sentence ?? 'no reason known'}`)
      }
    }
    if (failedGroups.length > 0 && otherReaders.length > 0) {
      const names = otherReaders.map((reader) => reader.group).join(', ')
      warnings.push(`On ${destination} every copy is also seen again by ${names}.`)
    }
  }
  for (const target of facts.health) {
    const sentence = describeTargetHealth(target)
    if (sentence !== null) warnings.push(sentence)
  }
  const finishedAtMs = terms.plannedAtMs + (sendCount / terms.ratePerSecond) * 1_000
  if (facts.firstExpiryAtMs !== null && facts.firstExpiryAtMs < finishedAtMs) {
    warnings.push('At this rate the first messages are lost at their source before they are sent.')
  }
  if (sendCount > 0) warnings.push(...describeDurability(facts.targetDurability, facts.sourceDurability))
  if (facts.overtaken !== null && facts.overtaken.overtakenCount > 0) warnings.push(describeOvertaken(facts.overtaken))
  if (facts.edit !== null && sendCount > 0 && facts.edit.changedCount === 0) {
    warnings.push('The edit changes none of them.')
  }
  if (facts.schemas !== null) warnings.push(...describeSchemas(facts.schemas))
  if (facts.redrivenBeforeCount > 0) {
    warnings.push(`${facts.redrivenBeforeCount} of them have been redriven before and came back.`)
  }
  warnings.push(...describeSelectionChange(facts.change))
  if (!facts.hasInventory && sendCount > 0) {
    warnings.push('The destinations of this cluster have not been read yet: whether the targets exist is not known.')
  }
  return warnings
}

function describeOvertaken({ overtakenCount, keyCount, isComplete }: OvertakenKeys): string {
  const [count, all] = [overtakenCount, keyCount].map((figure) => figure.toLocaleString('en-GB'))
  const atLeast = isComplete ? '' : 'at least '
  return `For ${atLeast}${count} of ${all} keys newer messages were already processed: the copies arrive after them and may undo what is newer.`
}
