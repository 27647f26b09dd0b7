import { hashWords } from '#telemetry-store/postgres/recent-ids.ts'

/** More names than anybody has; reached only by names that are made up per message. */
const MAX_PARTIES = 100_000
const MAX_SERVICES = 65_000

/** A service on a destination, whatever the group. */
interface Presence {
  /** It makes process spans: its receive spans are not deliveries of their own. */
  isProcessing: boolean
  readonly byGroup: Map<string | null, RollupParty>
}

/** A service that sends to a destination, or receives from it as a group. */
export interface RollupParty {
  readonly service: string
  readonly destination: string
  readonly consumerGroup: string | null
  /** Never given to another one. */
  readonly number: number
  /** Two words that tell it from the others when they are mixed with an id. */
  readonly high: number
  readonly low: number
  readonly presence: Presence
}

type PartyNames = Pick<RollupParty, 'service' | 'destination' | 'consumerGroup'>

/** Finds the one object of a service, destination and group; starts anew when there are too many. */
export class RollupParties {
  #byService = new Map<string, Map<string, Presence>>()
  #count = 0
  #nextNumber = 1

  of({ service, destination, consumerGroup }: PartyNames): RollupParty {
    const presence = this.#byService.get(service)?.get(destination)
    return presence?.byGroup.get(consumerGroup) ?? this.#add({ service, destination, consumerGroup })
  }

  #add(names: PartyNames): RollupParty {
    if (this.#count >= MAX_PARTIES) {
      this.#byService = new Map()
      this.#count = 0
    }
    const { service, destination, consumerGroup } = names
    let byDestination = this.#byService.get(service)
    if (byDestination === undefined) {
      byDestination = new Map()
      this.#byService.set(service, byDestination)
    }
    let presence = byDestination.get(destination)
    if (presence === undefined) {
      presence = { isProcessing: false, byGroup: new Map() }
      byDestination.set(destination, presence)
    }
    const number = this.#nextNumber
    const party: RollupParty = { ...names, number, high: hashWords(number, 1), low: hashWords(1, number), presence }
    presence.byGroup.set(consumerGroup, party)
    this.#nextNumber += 1
    this.#count += 1
    return party
  }
}

/** Nobody knows who sent it. */
export const UNKNOWN_SENDER = 1

/** Small numbers for the services that send, so that they fit beside an id. */
export class SenderNames {
  readonly #names: (string | null)[] = [null, null]
  readonly #numbers = new Map<string, number>()

  /** From 2 upwards; {@link UNKNOWN_SENDER} when there are too many. */
  numberOf(service: string): number {
    const known = this.#numbers.get(service)
    if (known !== undefined) return known
    if (this.#names.length >= MAX_SERVICES) return UNKNOWN_SENDER
    this.#numbers.set(service, this.#names.length)
    this.#names.push(service)
    return this.#names.length - 1
  }

  nameOf(number: number): string | null {
    return this.#names[number] ?? null
  }
}
