import type { FindingKind } from '#domain/convention/finding.ts'

/** What a team changes so that a finding goes away. */
export interface Mend {
  /** Where it goes and what it does, in one sentence. */
  readonly title: string
  readonly code: string
}

/** A mend for spans of some libraries; `scope` null = of any in this language. */
export interface LibraryMend extends Mend {
  readonly scope: RegExp | null
}

/** Mends of one language by finding; the first whose scope fits is taken. */
export type LanguageMends = Readonly<Partial<Record<FindingKind, readonly LibraryMend[]>>>

/** The SDKs keep 128 links per span by default; all read the same variable. */
export const LINK_LIMIT: readonly LibraryMend[] = [
  {
    scope: null,
    title: 'In the environment of the process: keep as many links as the largest batch has messages.',
    code: 'OTEL_SPAN_LINK_COUNT_LIMIT=1000',
  },
]

export const ATTRIBUTE_LIMIT: readonly LibraryMend[] = [
  {
    scope: null,
    title: 'In the environment of the process: keep more attributes per span.',
    code: 'OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT=256',
  },
]

export const CLOCKS: readonly LibraryMend[] = [
  {
    scope: null,
    title: 'On the hosts of both services: let one time source set the clocks, and look at the offset.',
    code: 'chronyc tracking',
  },
]
