import { join, resolve } from 'node:path'

/** The root of the repository. */
export const ROOT = join(import.meta.dirname, '..')

/** Where an installation keeps everything it must not forget: `.data`, or THROUGHLINE_DATA. */
export function dataFolder(): string {
  return resolve(ROOT, process.env['THROUGHLINE_DATA'] ?? '.data')
}
