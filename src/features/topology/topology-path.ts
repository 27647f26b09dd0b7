/** The topology with one node opened. */
export const topologyPath = (nodeId: string): string => `/topology?${new URLSearchParams({ node: nodeId }).toString()}`
