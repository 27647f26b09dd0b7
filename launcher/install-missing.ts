import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/** Debian packages that bring what Kafka needs. */
const KAFKA_PACKAGES = ['default-jre-headless', 'maven']

/**
 * Installs Java and Maven with apt, where this user may: root on a Debian-like system, as in containers and CI.
 * Answers what it did or why it did not.
 */
export function installKafkaNeeds(): string {
  if (!existsSync('/usr/bin/apt-get')) return 'not a Debian-like system, so nothing was installed'
  if (process.getuid?.() !== 0) return 'only root can install packages, so nothing was installed'
  console.log(`  installing ${KAFKA_PACKAGES.join(' and ')} (leave out with --no-install)`)
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const options = { env: environment, stdio: ['ignore', 'ignore', 'inherit'] as const, timeout: 300_000 }
  spawnSync('apt-get', ['update', '-qq'], { ...options, stdio: [...options.stdio] })
  const args = ['install', '-y', '-qq', '--no-install-recommends', ...KAFKA_PACKAGES]
  const result = spawnSync('apt-get', args, { ...options, stdio: [...options.stdio] })
  return result.status === 0 ? `installed ${KAFKA_PACKAGES.join(' and ')}` : 'apt-get could not install them'
}
