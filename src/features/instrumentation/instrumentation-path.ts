/** How a service describes its messages. */
export const instrumentationPath = (service: string): string =>
  `/flows?${new URLSearchParams({ tab: 'instrumentation', of: service }).toString()}`
