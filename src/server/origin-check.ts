const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]'])

/**
 * Whether a request that may change state comes from our own pages: its Origin is the configured one, or, on a
 * loopback host, the very host and port that the request was sent to. A missing or `null` Origin is not.
 */
export function isOwnOrigin(headers: Headers, configuredUrl: string): boolean {
  const origin = headers.get('origin')
  if (origin === null || !URL.canParse(origin)) return false
  const asked = new URL(origin)
  if (asked.origin === new URL(configuredUrl).origin) return true
  return LOOPBACK.has(asked.hostname) && asked.protocol === 'http:' && asked.host === headers.get('host')
}
