/** The result of work that pauses between its parts, without any pause. */
export function runParts<Result>(parts: Generator<void, Result>): Result {
  let part = parts.next()
  while (part.done !== true) part = parts.next()
  return part.value
}
