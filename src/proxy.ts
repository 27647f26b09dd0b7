import { NextResponse, type NextRequest } from 'next/server'

/**
 * Puts the content security policy on pages, with a nonce for Next's own inline scripts. It decides nothing about
 * access: every procedure does that for itself.
 */
export function proxy(request: NextRequest): NextResponse {
  const nonce = btoa(crypto.randomUUID())
  const policy = printPolicy(nonce, process.env.NODE_ENV === 'development')
  const headers = new Headers(request.headers)
  // Next reads the nonce off the request and gives it to the scripts that it writes.
  headers.set('content-security-policy', policy)
  const response = NextResponse.next({ request: { headers } })
  response.headers.set('content-security-policy', policy)
  return response
}

/** React's development build evaluates text; the production build does not. */
function printPolicy(nonce: string, isDevelopment: boolean): string {
  return [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${isDevelopment ? " 'unsafe-eval'" : ''}`,
    // Charts and virtual lists place things by style attributes, which no nonce can cover.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    // The layout of the topology runs in a worker; without this the nonce of scripts would be asked of it.
    "worker-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ')
}

export const config = {
  matcher: [{ source: '/((?!api/|_next/).*)', missing: [{ type: 'header', key: 'next-router-prefetch' }] }],
}
