import type { Connector, ConnectorAct, ConnectorOffset } from '#domain/connect/connector.ts'
import type { Failure } from '#domain/failure.ts'
import type { BrokerMessage, Header } from '#domain/message.ts'
import type { Position } from '#domain/position.ts'
import type { GroupActivity } from '#domain/reset/reset-plan.ts'
import type { DecodedBytes, SchemaVerdict } from '#domain/schema/schema-answer.ts'

/**
 * The port. An adapter is an identity plus facets that are present or absent: absent means that the broker cannot do
 * it, and every reader works from that fact alone. "Unknown" is null with a reason, never 0. Failures are thrown as
 * `Failure` with a truthful `retryable`; a call on many things reports each of them and fails as a whole only when
 * nothing could be learnt.
 */
export interface Broker {
  readonly clusterId: string
  readonly kind: string
  /** What identifies the installation itself (Kafka cluster id), to tell a replaced broker from the same one. */
  identify(signal: AbortSignal): Promise<string>
  readonly inventory: InventoryFacet
  readonly lag: LagFacet
  readonly send: SendFacet
  readonly deadLetters?: DeadLetterFacet
  readonly replaySource?: ReplaySourceFacet
  readonly consumerControl?: ConsumerControlFacet
  readonly offsets?: OffsetsFacet
  /** Present where Kafka Connect works beside the cluster. */
  readonly connectors?: ConnectorsFacet
  /** Present where the cluster has a schema registry. */
  readonly schemas?: SchemaFacet
  /** Closes every connection; nothing that was started stays behind. */
  close(): Promise<void>
}

/** A fact that could not be read, and why: a permission, a missing feature, a timeout. */
export interface Unreadable {
  readonly subject: string
  readonly reason: string
}

export interface Destination {
  readonly name: string
  readonly kind: 'topic' | 'queue' | 'stream'
  readonly isInternal: boolean
  readonly lanes: readonly string[]
  /** null = unlimited or unknown; `settings` tells which. */
  readonly retentionMs: number | null
  /** Whether the oldest messages are deleted to stay below a size; absent = no, or unknown. */
  readonly hasSizeLimit?: boolean
  /** Whether records are taken out of the middle, so that positions overstate what is there. */
  readonly isCompacted?: boolean
  readonly settings: Readonly<Record<string, string | null>>
}

export interface GroupMember {
  readonly id: string
  readonly clientId: string | null
  readonly host: string | null
  readonly assignments: readonly { readonly destination: string; readonly lanes: readonly string[] }[]
}

export interface ConsumerGroup {
  readonly name: string
  readonly state: 'stable' | 'rebalancing' | 'empty' | 'dead' | 'unknown'
  readonly protocol: string | null
  /** null when the broker keeps no record of members, or when it could not be read; then `unreadable` says why. */
  readonly members: readonly GroupMember[] | null
  readonly destinations: readonly string[]
}

export interface Inventory {
  readonly destinations: readonly Destination[]
  readonly groups: readonly ConsumerGroup[]
  readonly unreadable: readonly Unreadable[]
}

export interface InventoryFacet {
  read(signal: AbortSignal): Promise<Inventory>
}

/** One lane of one group. `end` is the position after the last message that the group could read. */
export interface LaneLag {
  readonly group: string
  readonly destination: string
  readonly lane: string
  readonly committed: number | null
  readonly start: number
  readonly end: number
  /** End before the first open transaction, where there is one. */
  readonly stableEnd?: number
  /** Names the lane's destination over its lifetime: another one = deleted and made anew under the same name. */
  readonly incarnation?: string
  /** Age of the oldest unprocessed message where the broker itself knows it. */
  readonly oldestAgeMs: number | null
}

export interface LagSnapshot {
  /** Commits are read before ends, so that lag may be slightly over-stated and is never negative. */
  readonly committedAtMs: number
  readonly endAtMs: number
  readonly lanes: readonly LaneLag[]
  /** What the groups work on and could not be read: no leader, hidden from this user, a broker that is silent. */
  readonly blind: readonly BlindLane[]
  /** Why groups may be missing from this snapshot that are there; null when all were listed. */
  readonly groupsMissingBecause: string | null
  readonly unreadable: readonly Unreadable[]
}

export interface BlindLane {
  readonly group: string
  /** null = all that the group is known to work on. */
  readonly destination: string | null
  /** null = all lanes of it. */
  readonly lane: string | null
  readonly reason: string
}

export interface LagFacet {
  /** What moving on is: consumers commit positions, or workers take messages away. */
  readonly progress: 'commits' | 'removals'
  /** How time behind can be known here: from positions over time, or from the broker's own ages. */
  readonly ageSource: 'history' | 'broker'
  read(signal: AbortSignal): Promise<LagSnapshot>
}

export interface DeadLetterPlace {
  readonly destination: string
  readonly foundBy: 'configuration' | 'name' | 'headers' | 'hand'
  readonly evidence: string
  readonly originDestination: string | null
  readonly consumerGroup: string | null
  /** When what lies there is lost; null = kept without limit or unknown. */
  readonly retentionMs: number | null
}

/** What every way of finding has brought. Where one failed, its places may be missing, and the reason stands here. */
export interface FoundPlaces {
  readonly places: readonly DeadLetterPlace[]
  readonly unreadable: readonly Unreadable[]
}

export interface MessagePage {
  readonly messages: readonly BrokerMessage[]
  /** Opaque; pass it to the next read. */
  readonly checkpoint: string
  /** Lanes whose messages before the first one read are gone (retention, truncation): [lane, first readable]. */
  readonly gaps: readonly { readonly lane: string; readonly expected: string; readonly found: string }[]
}

export interface PageBound {
  readonly maxMessages: number
  readonly maxBytes: number
}

export interface DeadLetterFacet {
  /** What looking does to the messages; null when it does nothing. */
  readonly costOfLooking: string | null
  find(signal: AbortSignal): Promise<FoundPlaces>
  /** Pages from the checkpoint (null = the oldest) to the end as it was when the read began. */
  read(
    destination: string,
    checkpoint: string | null,
    bound: PageBound,
    signal: AbortSignal,
  ): AsyncIterable<MessagePage>
  /**
   * Which of these are not there any more: retention, truncation or somebody's hand took them. A message that is only
   * held by a worker is there. Absent = only the time of expiry tells.
   */
  readonly findGone?: (
    destination: string,
    positions: readonly Position[],
    signal: AbortSignal,
  ) => Promise<readonly Position[]>
  /** Absent where the place is a log: there the console's own records say what is handled. */
  readonly remove?: (
    destination: string,
    positions: readonly Position[],
    signal: AbortSignal,
  ) => Promise<readonly SettleResult[]>
}

export type SettleResult =
  | { readonly outcome: 'done' | 'already-gone' }
  | { readonly outcome: 'failed'; readonly failure: Failure }

export interface OutgoingMessage {
  readonly destination: string
  /** null lets the broker choose; otherwise the exact lane. */
  readonly lane: string | null
  readonly key: Uint8Array | null
  readonly headers: readonly Header[]
  readonly payload: Uint8Array | null
  /** null = now. */
  readonly timestampMs: number | null
  /** The same for every try of the same copy, for brokers that can refuse a second one by id (pg-boss job id); UUID. */
  readonly idempotencyId: string
}

export type SendResult =
  | { readonly outcome: 'confirmed'; readonly position: Position | null }
  | { readonly outcome: 'refused'; readonly failure: Failure }
  /** The send may or may not have happened: never removed at the source, sent again only under the same mark. */
  | { readonly outcome: 'unknown'; readonly failure: Failure }

export interface SendFacet {
  /** A second send of the same idempotency id changes nothing. Absent = it is appended once more. */
  readonly ignoresRepeats?: boolean
  /** What "confirmed" means here, in words for the operator. */
  readonly confirmContract: string
  /** One result per message, in order. Messages of one lane and key are appended in the given order. */
  send(messages: readonly OutgoingMessage[], signal: AbortSignal): Promise<readonly SendResult[]>
}

export interface LaneRange {
  readonly lane: string
  /** Inclusive and exclusive. */
  readonly from: string
  readonly to: string
}

export interface ReplaySourceFacet {
  /** Reading keeps messages from others for a moment, so nobody reads what was not asked for. Absent = it does nothing. */
  readonly isDisturbing?: boolean
  /** Positions for a window of broker time, frozen: [fromMs, toMs). */
  resolve(destination: string, fromMs: number, toMs: number, signal: AbortSignal): Promise<readonly LaneRange[]>
  /** Ends at the bound of the ranges, also while others keep producing. */
  read(
    destination: string,
    ranges: readonly LaneRange[],
    bound: PageBound,
    signal: AbortSignal,
  ): AsyncIterable<MessagePage>
  /** Exactly these positions; a message that is gone is missing from the answer. */
  readAt(destination: string, positions: readonly Position[], signal: AbortSignal): Promise<readonly BrokerMessage[]>
}

/** What can be done to keep a group from taking messages. That its consumers can be asked needs nothing of a broker. */
export interface ConsumerControlFacet {
  readonly kind: 'native' | 'cooperative' | 'connect' | 'throttle'
  readonly explanation: string
  /** What the broker itself can do; empty where consumers can only be asked. */
  readonly holds: readonly ConsumerHold[]
}

/** Whom a hold is about. */
export interface HeldGroup {
  readonly group: string
  /** Of the members that are connected. */
  readonly clientIds: readonly string[]
}

/** One way in which the broker keeps a group from taking messages, or slows it down. */
export interface ConsumerHold {
  readonly kind: 'native' | 'connect' | 'throttle'
  readonly explanation: string
  /**
   * What is in force before; it goes on record before `apply` changes anything, and is all that `restore` gets.
   *
   * @throws Failure `unsupported` when this group cannot be held
   */
  read(group: HeldGroup, signal: AbortSignal): Promise<Readonly<Record<string, unknown>>>
  /** Done again it changes nothing. */
  apply(before: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<void>
  /** Puts back exactly what was; done again it changes nothing. */
  restore(before: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<void>
}

export interface OffsetsFacet {
  read(group: string, destination: string, signal: AbortSignal): Promise<readonly LaneLag[]>
  /** Absent where positions cannot be set from outside. */
  readonly reset?: OffsetResetFacet
}

/** null removes the position, so that the group has none. */
export interface LanePosition {
  readonly lane: string
  readonly to: number | null
}

export interface OffsetResetFacet {
  /** @throws Failure `not-found` when there is no such group */
  readActivity(group: string, signal: AbortSignal): Promise<GroupActivity>
  /**
   * Sets positions. The broker itself refuses for a group that has members by then (`conflict`, of each lane).
   * @returns one result per position, in order; a lane that is not mentioned stays as it is
   * @throws Failure `broker-unavailable` when it is not known whether any of it was done
   */
  set(
    group: string,
    destination: string,
    positions: readonly LanePosition[],
    signal: AbortSignal,
  ): Promise<readonly SetResult[]>
}

export type SetResult = { readonly outcome: 'done' } | { readonly outcome: 'failed'; readonly failure: Failure }

export type ConnectorPlace = Pick<ConnectorAct, 'connect' | 'connector'>

export interface ConnectorsFacet {
  /** Of every Connect that answers; of the others the reason. */
  read(signal: AbortSignal): Promise<{
    readonly connectors: readonly Connector[]
    readonly unreadable: readonly Unreadable[]
  }>
  /** @throws Failure `not-found` for a connector, or an address that the cluster is not registered with */
  readOne(place: ConnectorPlace, signal: AbortSignal): Promise<Connector>
  /** Asks once and does not wait for the effect. @throws Failure `conflict` where the connector's state does not allow it */
  act(act: ConnectorAct, signal: AbortSignal): Promise<void>
  /** Where the connector stands; empty = nowhere yet. @throws Failure `unsupported` before Connect 3.5 */
  readOffsets(place: ConnectorPlace, signal: AbortSignal): Promise<readonly ConnectorOffset[]>
}

/** What a schema registry says of bytes. A registry that is down or refuses is an answer, not a thrown failure. */
export interface SchemaFacet {
  /**
   * Decodes what carries a schema id; null for all other bytes.
   * @param destinations whose subjects name the schema where its id stands under several, the likeliest first
   */
  decode(
    bytes: Uint8Array,
    part: 'key' | 'value',
    destinations: readonly string[],
    signal: AbortSignal,
  ): Promise<DecodedBytes | null>
  /** Whether a payload decodes, and fits the latest schema of the destination that it is to be sent to. */
  judge(payload: Uint8Array, destination: string, signal: AbortSignal): Promise<SchemaVerdict>
}
