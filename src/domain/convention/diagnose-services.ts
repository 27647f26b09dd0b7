import { DURATION_CHECKS } from '#domain/convention/check-durations.ts'
import { NAME_CHECKS } from '#domain/convention/check-names.ts'
import { RELATION_CHECKS } from '#domain/convention/check-relations.ts'
import type { FindingSeverity, Observation } from '#domain/convention/finding.ts'
import { findMend } from '#domain/convention/find-mend.ts'
import type { Mend } from '#domain/convention/mend.ts'
import { type NameGeneration, readNameGeneration } from '#domain/convention/name-generation.ts'
import {
  cutByService,
  type MessagingSpan,
  type ObservedSpan,
  type ServiceSample,
} from '#domain/convention/observed-span.ts'
import type { SpanRecord } from '#domain/trace/span.ts'

const MAX_EXAMPLES = 3
const SEVERITIES: readonly FindingSeverity[] = ['bad', 'warn', 'note']

export interface FindingExample {
  readonly traceId: string
  readonly spanId: string
  readonly name: string
  readonly startUs: number
}

export interface Finding extends Omit<Observation, 'affected'> {
  readonly affectedCount: number
  /** The newest spans that show it. */
  readonly examples: readonly FindingExample[]
  readonly mend: Mend | null
}

export interface GenerationCount {
  readonly generation: NameGeneration
  readonly spanCount: number
}

/** What the telemetry of a service says about messages, and what it leaves out. */
export interface ServiceDiagnosis {
  readonly service: string
  /** The names that most of its spans use. */
  readonly generation: NameGeneration
  readonly generations: readonly GenerationCount[]
  readonly languages: readonly string[]
  /** Instrumentation libraries that made the spans. */
  readonly scopes: readonly string[]
  readonly systems: readonly string[]
  readonly spanCount: number
  readonly newestUs: number
  /** The worst first. */
  readonly findings: readonly Finding[]
}

/**
 * Judges how services describe their messages. `observed`: whole recent traces, of any number of services; what is not in
 * them is not missed. Deterministic.
 */
export function diagnoseServices(observed: readonly ObservedSpan[]): readonly ServiceDiagnosis[] {
  return cutByService(observed).map((sample) => diagnose(sample))
}

function diagnose(sample: ServiceSample): ServiceDiagnosis {
  const { service, messaging } = sample
  const generations = countGenerations(messaging)
  const observations = [...NAME_CHECKS, ...RELATION_CHECKS, ...DURATION_CHECKS].flatMap((check) => check(sample) ?? [])
  return {
    service,
    generation: generations[0]?.generation ?? 'shared',
    generations,
    languages: distinct(messaging.map(({ language }) => language)),
    scopes: distinct(messaging.map(({ scope }) => scope)),
    systems: distinct(messaging.map(({ facts }) => facts.system)),
    spanCount: messaging.length,
    newestUs: Math.max(...messaging.map(({ span }) => span.startUs)),
    findings: observations
      .toSorted((left, right) => SEVERITIES.indexOf(left.severity) - SEVERITIES.indexOf(right.severity))
      .map((observation) => toFinding(observation, messaging)),
  }
}

function countGenerations(messaging: readonly MessagingSpan[]): readonly GenerationCount[] {
  const counts = new Map<NameGeneration, number>()
  for (const { attributeKeys, facts } of messaging) {
    // Acknowledgements have hardly an attribute: they would outvote what says something.
    if (facts.operation === 'settle') continue
    const generation = readNameGeneration(attributeKeys)
    counts.set(generation, (counts.get(generation) ?? 0) + 1)
  }
  return [...counts]
    .map(([generation, spanCount]) => ({ generation, spanCount }))
    .toSorted((left, right) => right.spanCount - left.spanCount)
}

function toFinding({ affected, ...rest }: Observation, messaging: readonly MessagingSpan[]): Finding {
  const shown = new Set<SpanRecord>(affected)
  const makers = messaging.filter(({ span }) => shown.has(span))
  return {
    ...rest,
    affectedCount: affected.length,
    examples: affected
      .toSorted((left, right) => right.startUs - left.startUs)
      .slice(0, MAX_EXAMPLES)
      .map(({ traceId, spanId, name, startUs }) => ({ traceId, spanId, name, startUs })),
    mend: findMend(rest.kind, {
      language: makers.find(({ language }) => language !== null)?.language ?? null,
      scopes: distinct(makers.map(({ scope }) => scope)),
    }),
  }
}

const distinct = (names: readonly (string | null)[]): readonly string[] =>
  [...new Set(names.filter((name) => name !== null))].toSorted((left, right) => (left < right ? -1 : 1))
