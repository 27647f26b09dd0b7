import { Trouble } from './trouble.ts'

/** In the order in which they run: what fails soonest comes first. */
export const KINDS = ['check', 'unit', 'dom', 'db', 'contract', 'start', 'e2e'] as const
export type Kind = (typeof KINDS)[number]

export interface TestArguments {
  readonly kinds: readonly Kind[]
  /** Parts of file names; without any every file of the kinds runs. */
  readonly filters: readonly string[]
  /** Whether packages that tests need may be installed. */
  readonly mayInstall: boolean
}

/** @throws Trouble that names what it does not know */
export function parseTestArguments(args: readonly string[]): TestArguments {
  const words = args.filter((arg) => !arg.startsWith('--'))
  const kinds = KINDS.filter((kind) => words.includes(kind))
  const filters = words.filter((word) => !KINDS.some((kind) => kind === word))
  const unknown = args.filter((arg) => arg.startsWith('--') && !['--', '--no-install'].includes(arg))
  if (unknown.length > 0 || (filters.length > 0 && kinds.length === 0)) {
    const wrong = [...unknown, ...(kinds.length === 0 ? filters : [])].join(' ')
    throw new Trouble(
      `there is no "${wrong}"`,
      `use: npm test -- [--no-install] [${KINDS.join('] [')}] [part of a file name]`,
    )
  }
  return { kinds: kinds.length === 0 ? KINDS : kinds, filters, mayInstall: !args.includes('--no-install') }
}
