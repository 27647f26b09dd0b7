/** Buckets are merged into longer ones with age: seconds of the longest. */
export const MAX_WIDTH_S = 3_600

/** Seconds of the buckets in which the traffic over all destinations is added up. */
export const TOTAL_WIDTH_S = 600

/** Seconds of a bucket as it is first written. */
export const FINE_WIDTH_S = 10

/** Rows whose bucket reaches into [$1, $2), in seconds; the longest that began before may still do so. */
export const REACHING_IN = `bucket_s > $1::bigint - ${MAX_WIDTH_S} and bucket_s < $2::bigint
  and (bucket_s >= $1::bigint or (width_s > ${FINE_WIDTH_S} and bucket_s + width_s > $1::bigint))`

/** Of rows that are grouped, the pairs of all their sketches in one text: a tenth of the cost of many arrays. */
export const pairsOf = (column: 'dwell' | 'processing'): string =>
  `string_agg(array_to_string(${column}, ','), ',') filter (where ${column} <> '{}')`

/**
 * How much of a bucket lies in [fromS, toS), 0 to 1: one of ten seconds belongs where it begins; a longer one is spread
 * evenly, because nothing is known any more of when in it something happened.
 */
export function shareWithin(bucketS: number, widthS: number, fromS: number, toS: number): number {
  if (widthS <= FINE_WIDTH_S) return bucketS >= fromS && bucketS < toS ? 1 : 0
  return Math.max(0, Math.min(bucketS + widthS, toS) - Math.max(bucketS, fromS)) / widthS
}
