import type {
  alterClientQuotasV1,
  consumerGroupDescribeV0,
  describeClientQuotasV0,
  describeConfigsV4,
  describeGroupsV5,
  fetchV17,
  findCoordinatorV6,
  initProducerIdV5,
  listGroupsV5,
  listOffsetsV9,
  metadataV12,
  offsetCommitV9,
  offsetDeleteV0,
  offsetFetchV9,
  produceV11,
} from '@platformatic/kafka'

interface Codec {
  createRequest: (...args: never[]) => unknown
  parseResponse: (...args: never[]) => unknown
}

interface Exchange<Api extends Codec> {
  readonly request: Parameters<Api['createRequest']>
  readonly response: ReturnType<Api['parseResponse']>
}

/**
 * The requests that this adapter makes, typed by their newest version. Older versions take the same arguments in the
 * same places (the client sees to that from the versions in `MINIMUM_VERSIONS` on).
 */
export interface KafkaApis {
  AlterClientQuotas: Exchange<typeof alterClientQuotasV1>
  ConsumerGroupDescribe: Exchange<typeof consumerGroupDescribeV0>
  DescribeClientQuotas: Exchange<typeof describeClientQuotasV0>
  DescribeConfigs: Exchange<typeof describeConfigsV4>
  DescribeGroups: Exchange<typeof describeGroupsV5>
  Fetch: Exchange<typeof fetchV17>
  FindCoordinator: Exchange<typeof findCoordinatorV6>
  InitProducerId: Exchange<typeof initProducerIdV5>
  ListGroups: Exchange<typeof listGroupsV5>
  ListOffsets: Exchange<typeof listOffsetsV9>
  Metadata: Exchange<typeof metadataV12>
  OffsetCommit: Exchange<typeof offsetCommitV9>
  OffsetDelete: Exchange<typeof offsetDeleteV0>
  OffsetFetch: Exchange<typeof offsetFetchV9>
  Produce: Exchange<typeof produceV11>
}

export type KafkaApiName = keyof KafkaApis

/** Apache Kafka 2.4 (2019) speaks all of these; below them the client's arguments differ. */
export const MINIMUM_VERSIONS: Readonly<Partial<Record<KafkaApiName, number>>> = {
  ListOffsets: 2,
  Produce: 3,
  Fetch: 4,
  OffsetCommit: 6,
}
