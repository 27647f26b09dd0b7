/** Where to go after signing in: a path of this console, never another site. */
export function safeReturnPath(wanted: string | null): string {
  if (wanted === null || !wanted.startsWith('/') || /^\/[/\\]/.test(wanted)) return '/'
  const url = new URL(wanted, 'http://console.invalid')
  if (url.host !== 'console.invalid' || url.pathname === '/sign-in') return '/'
  return url.pathname + url.search + url.hash
}
