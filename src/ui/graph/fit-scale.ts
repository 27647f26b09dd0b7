interface Size {
  readonly width: number
  readonly height: number
}

/** Down to here shapes and colours tell the states, so the whole is shown; a wider map scrolls, and can be read. */
const LEAST_WHOLE = 0.45
const READABLE = 0.8

/** The scale at which a map is first shown in its frame, at most `most`. */
export function fitScale(map: Size, frame: Size, most: number): number {
  const whole = Math.min(frame.width / map.width, frame.height / map.height)
  return Math.min(most, whole >= LEAST_WHOLE ? whole : READABLE)
}
