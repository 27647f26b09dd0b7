import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/** What decides whether packages of the system can be installed here. */
export interface Machine {
  /** Path of apt-get, or null where there is none. */
  readonly aptGet: string | null
  readonly isRoot: boolean
}

const APT_GET = '/usr/bin/apt-get'

const thisMachine = (): Machine => ({
  aptGet: existsSync(APT_GET) ? APT_GET : null,
  isRoot: process.getuid?.() === 0,
})

/**
 * Installs Debian packages where this user may: root on a Debian-like system, as in containers and CI. Answers what it
 * did or why it did not.
 */
export function installPackages(packages: readonly string[], machine: Machine = thisMachine()): string {
  if (machine.aptGet === null) return 'not a Debian-like system, so nothing was installed'
  if (!machine.isRoot) return 'only root can install packages, so nothing was installed'
  const names = packages.join(', ')
  console.log(`  installing ${names} (leave out with --no-install)`)
  const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, timeout: 300_000 }
  spawnSync(machine.aptGet, ['update', '-qq'], { ...options, stdio: ['ignore', 'ignore', 'inherit'] })
  const args = ['install', '-y', '-qq', '--no-install-recommends', ...packages]
  const result = spawnSync(machine.aptGet, args, { ...options, stdio: ['ignore', 'ignore', 'inherit'] })
  return result.status === 0 ? `installed ${names}` : `apt-get could not install ${names}`
}
