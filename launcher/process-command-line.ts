import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'

/** The command line of a living process, or null when there is none with this id. */
export function processCommandLine(pid: number): string | null {
  if (!Number.isInteger(pid) || pid <= 0) return null
  if (process.platform === 'linux') {
    const file = `/proc/${pid}/cmdline`
    const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
    return text === '' ? null : text.replaceAll('\0', ' ')
  }
  const list = spawnSync('ps', ['-ww', '-o', 'args=', '-p', String(pid)], { encoding: 'utf8' })
  return list.status === 0 && list.stdout.trim() !== '' ? list.stdout : null
}
