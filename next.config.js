/** @type {import('next').NextConfig} */
const config = {
  poweredByHeader: false,
  // `npm run check` judges types, of tests and scripts too; the build that a start waits for does not do it again.
  typescript: { ignoreBuildErrors: true },
  images: { unoptimized: true },
  serverExternalPackages: ['@node-rs/argon2', 'pg', 'pino'],
}

export default config
