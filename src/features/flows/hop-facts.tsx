import type { ConsumerAttribution } from '#domain/flow/attribute-consumer.ts'
import type { Hop } from '#domain/flow/flow.ts'
import { Fact, FactList } from '#ui/fact-list.tsx'
import { formatDurationUs } from '#ui/format/duration.ts'
import { formatClockMs } from '#ui/format/moment.ts'
import { TextLink } from '#ui/text-link.tsx'
import { consumerPath } from '#features/consumers/consumer-path.ts'
import { confidenceWords } from '#features/flows/delivery-words.ts'
import { evidenceWords, hopWords } from '#features/flows/flow-words.ts'
import { hopPlace } from '#features/flows/hop-table.tsx'

const clock = (us: number | null): string => (us === null ? 'not seen' : formatClockMs(us / 1000))

/** One delivery: when it was sent, taken and settled, and how the halves were joined. */
export function HopFacts({ hop }: { readonly hop: Hop }) {
  return (
    <FactList>
      <Fact name="Through">
        {hop.destination} <span className="font-mono text-sm text-ink-3">{hopPlace(hop)}</span>
      </Fact>
      <Fact name="Broker">{hop.system}</Fact>
      <Fact name="From">{hop.sender?.service ?? 'not seen'}</Fact>
      <Fact name="To">{hop.receiver?.service ?? 'nobody yet'}</Fact>
      {hop.attribution !== null && (
        <Fact name="Group">
          <GroupOf attribution={hop.attribution} />
        </Fact>
      )}
      <Fact name="Sent">{clock(hop.sentUs)}</Fact>
      <Fact name="Taken">{clock(hop.receivedUs)}</Fact>
      <Fact name="Settled">{clock(hop.settledUs)}</Fact>
      <Fact name="In queue">
        {formatDurationUs(hop.dwellUs)}
        {hop.isSkewed && <span className="text-warn"> the clocks of the two sides disagree</span>}
        {hop.isDwellBounded && <span className="text-ink-3"> about: the span stands for more than this message</span>}
      </Fact>
      <Fact name="Attempt">{hop.attempt ?? 'not said'}</Fact>
      <Fact name="Outcome">{hopWords(hop.outcome).word}</Fact>
      {hop.messageId !== null && (
        <Fact name="Message id">
          <span className="font-mono text-sm">{hop.messageId}</span>
        </Fact>
      )}
      <Fact name="Joined by">
        {evidenceWords(hop.joinedBy)}
        {hop.oneOf !== null && (
          <div className="text-warn">one of {hop.oneOf} outputs of a batch; nothing tells which is of this flow</div>
        )}
      </Fact>
    </FactList>
  )
}

function GroupOf({
  attribution: { group, clusterId, confidence, evidence },
}: {
  readonly attribution: ConsumerAttribution
}) {
  return (
    <>
      {group !== null && clusterId !== null && <TextLink href={consumerPath(clusterId, group)}>{group}</TextLink>}
      {group !== null && clusterId === null && group}
      <div className="text-sm text-ink-3">
        {confidence === 'said' ? '' : `${confidenceWords(confidence)}: `}
        {evidence}
      </div>
    </>
  )
}
