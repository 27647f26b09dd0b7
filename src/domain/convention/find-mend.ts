import { ownValue } from '#domain/own-value.ts'
import { DOTNET_MENDS } from '#domain/convention/dotnet-mends.ts'
import type { FindingKind } from '#domain/convention/finding.ts'
import { GO_MENDS } from '#domain/convention/go-mends.ts'
import { JAVA_MENDS } from '#domain/convention/java-mends.ts'
import type { LanguageMends, Mend } from '#domain/convention/mend.ts'
import { NODE_MENDS } from '#domain/convention/node-mends.ts'
import { PYTHON_MENDS } from '#domain/convention/python-mends.ts'

/** By `telemetry.sdk.language`. */
const MENDS: Readonly<Record<string, LanguageMends>> = {
  nodejs: NODE_MENDS,
  java: JAVA_MENDS,
  python: PYTHON_MENDS,
  go: GO_MENDS,
  dotnet: DOTNET_MENDS,
}

/** The change that mends a finding, for the language and the libraries that show it; null when none is known. */
export function findMend(
  kind: FindingKind,
  made: { readonly language: string | null; readonly scopes: readonly string[] },
): Mend | null {
  const known = ownValue(MENDS, made.language ?? '')?.[kind] ?? []
  const found = known.find(({ scope }) => scope === null || made.scopes.some((name) => scope.test(name)))
  return found === undefined ? null : { title: found.title, code: found.code }
}
