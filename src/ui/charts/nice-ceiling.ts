/** The least round figure (1, 2, 2.5 or 5 times a power of ten, times four) that is not below `most`; 4 for nothing. */
export function niceCeiling(most: number): number {
  if (!(most > 0)) return 4
  const power = 10 ** Math.floor(Math.log10(most / 4))
  const step = [1, 2, 2.5, 5, 10].find((factor) => factor * power * 4 >= most * (1 - 1e-9)) ?? 10
  return step * power * 4
}
