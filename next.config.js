/** On every response; pages get their content security policy, with a nonce, from src/proxy.ts. */
const headers = [
  { key: 'X-Content-Type-Options', value: 'nosniff' },
  { key: 'Referrer-Policy', value: 'same-origin' },
  { key: 'X-Frame-Options', value: 'DENY' },
  { key: 'Cross-Origin-Opener-Policy', value: 'same-origin' },
  { key: 'Cross-Origin-Resource-Policy', value: 'same-origin' },
  { key: 'Permissions-Policy', value: 'camera=(), microphone=(), geolocation=(), payment=(), usb=()' },
]

/** What answers with data is never a page. */
const apiPolicy = {
  key: 'Content-Security-Policy',
  value: "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
}

/** @type {import('next').NextConfig} */
const config = {
  poweredByHeader: false,
  // `npm run check` judges types, of tests and scripts too; the build that a start waits for does not do it again.
  typescript: { ignoreBuildErrors: true },
  images: { unoptimized: true },
  serverExternalPackages: ['@node-rs/argon2', 'pg', 'pino', '@opentelemetry/sdk-node'],
  headers: () =>
    Promise.resolve([
      { source: '/:path*', headers },
      { source: '/api/:path*', headers: [apiPolicy] },
    ]),
}

export default config
