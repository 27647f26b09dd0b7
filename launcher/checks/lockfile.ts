/** The parts of package-lock.json (version 3) that the checks look at. */
export interface Lockfile {
  readonly packages: Record<string, LockEntry>
}

export interface LockEntry {
  readonly version?: string
  readonly resolved?: string
  readonly optional?: boolean
  readonly dev?: boolean
  readonly os?: readonly string[]
  readonly cpu?: readonly string[]
  readonly libc?: readonly string[]
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

/** The parts of package.json that the checks look at. */
export interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

interface MissingEntry {
  readonly path: string
  readonly entry: LockEntry
}

/**
 * The platform builds that some package names as optional and the lockfile leaves out. `npm ci` refuses such a file.
 * Registries that serve only some platforms make npm write it.
 */
export function findMissingBuilds(lockfile: Lockfile): MissingEntry[] {
  return Object.entries(lockfile.packages).flatMap(([path, entry]) =>
    Object.entries(entry.optionalDependencies ?? {})
      .filter(([name]) => !isResolvable(lockfile, path, name))
      .map(([name, version]) => ({
        path: `node_modules/${name}`,
        entry: buildEntry(name, version, entry.dev === true),
      })),
  )
}

/** The lockfile with every missing platform build added, in npm's own order. */
export function completeLockfile(lockfile: Lockfile): Lockfile {
  const missing = findMissingBuilds(lockfile).map(({ path, entry }) => [path, entry] as const)
  const packages = [...Object.entries(lockfile.packages), ...missing]
  packages.sort(([left], [right]) => (left === right ? 0 : left.localeCompare(right, 'en')))
  return { ...lockfile, packages: Object.fromEntries(packages) }
}

/** What is wrong with the lockfile, one sentence each. */
export function findLockfileProblems(lockfile: Lockfile): string[] {
  const hosts = Object.entries(lockfile.packages).filter(([, entry]) => entry.resolved?.startsWith('http') === true)
  const missing = findMissingBuilds(lockfile).map(({ path }) => path)
  return [
    ...(missing.length === 0
      ? []
      : [
          `package-lock.json lacks ${missing.length} platform builds (run: npm run check -- --fix): ${missing.join(', ')}`,
        ]),
    ...hosts.map(([path, entry]) => `package-lock.json names a registry for ${path}: ${entry.resolved}`),
  ]
}

/** Dependencies of package.json whose version is a range: two clones could install different code. */
export function findRanges(manifest: Manifest): string[] {
  return Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })
    .filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
    .map(([name, version]) => `package.json does not pin ${name}: ${version}`)
}

/** Lines of .npmrc that bind the project to somebody's registry or hold a credential. */
export function findNpmrcProblems(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => /registry\s*=|_auth|cafile|proxy\s*=/i.test(line))
    .map((line) => `.npmrc must not set ${line.split('=')[0]?.trim() ?? line}`)
}

/** Node's resolution: beside the package, then in every folder above it. */
function isResolvable(lockfile: Lockfile, from: string, name: string): boolean {
  for (let folder = from; ; folder = parentFolder(folder)) {
    if (lockfile.packages[folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`]) return true
    if (folder === '') return false
  }
}

const parentFolder = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('node_modules/') - 1))

const SYSTEMS = ['android', 'darwin', 'freebsd', 'linux', 'win32', 'openharmony', 'aix', 'sunos', 'netbsd', 'openbsd']
const PROCESSORS = ['arm64', 'arm', 'ia32', 'loong64', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64', 'mips64el']

/** Platform builds say in their names what they are for: `@next/swc-linux-x64-gnu`. */
function buildEntry(name: string, version: string, isDev: boolean): LockEntry {
  const words = name.split(/[/-]/)
  const system = words.includes('windows') ? 'win32' : SYSTEMS.find((one) => words.includes(one))
  const processor = PROCESSORS.find((one) => words.includes(one))
  const isMusl = words.some((word) => word.startsWith('musl'))
  const isGlibc = words.some((word) => word.startsWith('gnu'))
  return {
    version: version.replace(/^[\^~]/, ''),
    ...(processor === undefined ? {} : { cpu: [processor] }),
    ...(isDev ? { dev: true } : {}),
    ...(system === 'linux' && (isMusl || isGlibc) ? { libc: [isMusl ? 'musl' : 'glibc'] } : {}),
    optional: true,
    ...(system === undefined ? {} : { os: [system] }),
  }
}
