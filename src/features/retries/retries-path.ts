/** Attempts per message; of one destination, or of all. */
export const retriesPath = (destination: string | null): string =>
  `/flows?${new URLSearchParams({ tab: 'retries', ...(destination === null ? {} : { on: destination }) }).toString()}`
