import { type ComparisonSide, writeComparisonSide } from '#domain/comparison/comparison-side.ts'

/** The page that lays two sides over each other; without a right one it asks for it. */
export function comparePath(left: ComparisonSide, right: ComparisonSide | null): string {
  const sides = { left: writeComparisonSide(left), ...(right === null ? {} : { right: writeComparisonSide(right) }) }
  return `/compare?${new URLSearchParams(sides).toString()}`
}
