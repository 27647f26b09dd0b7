/** The page of one flow. */
export const flowPath = (flowKey: string): string => `/flows/${encodeURIComponent(flowKey)}`
