/** The page of one consumer group. */
export const consumerPath = (clusterId: string, group: string): string =>
  `/consumers/${encodeURIComponent(clusterId)}/${encodeURIComponent(group)}`
