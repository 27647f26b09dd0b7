import { existsSync } from 'node:fs'

/**
 * The command line that runs `program` and ends it with `signal` when this process dies, also by kill -9. Only Linux
 * offers that; elsewhere a forgotten child is found by its pid file on the next start.
 */
export function guardedCommand(
  program: string,
  args: readonly string[],
  signal: 'KILL' | 'TERM' | 'INT',
): readonly [string, readonly string[]] {
  if (process.platform !== 'linux' || !existsSync('/usr/bin/setpriv')) return [program, args]
  return ['/usr/bin/setpriv', ['--pdeathsig', signal, program, ...args]]
}
