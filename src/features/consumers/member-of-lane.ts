import type { ConsumerDetail } from '#features/consumers/consumer-page.tsx'

type Members = NonNullable<ConsumerDetail['inventory']>['members']

/** Who reads a lane: the member's client id, or its id; null when nobody does or it could not be read. */
export function memberOfLane(members: Members, destination: string, lane: string): string | null {
  const member = members?.find((candidate) =>
    candidate.assignments.some((part) => part.destination === destination && part.lanes.includes(lane)),
  )
  return member === undefined ? null : (member.clientId ?? member.id)
}
