interface Size {
  readonly width: number
  readonly height: number
}

/** A map that is whole at this scale is shown whole; a wider one scrolls, at a scale at which it can be read. */
const LEAST_WHOLE = 0.6
const READABLE = 0.8

/** The scale at which a map is first shown in its frame, at most `most`. */
export function fitScale(map: Size, frame: Size, most: number): number {
  const whole = Math.min(frame.width / map.width, frame.height / map.height)
  return Math.min(most, whole >= LEAST_WHOLE ? whole : READABLE)
}
