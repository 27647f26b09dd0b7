/** Which pictures `npm run screens` was asked for. */
export interface ScreensOrder {
  /** Names; empty = all. */
  readonly only: readonly string[]
  /** Where they go, as an absolute path. */
  readonly folder: string
}

const VARIABLE = 'THROUGHLINE_SCREENS'

export const screensEnvironment = (order: ScreensOrder): Record<string, string> => ({
  [VARIABLE]: JSON.stringify(order),
})

/** @throws Error outside of `npm run screens` */
export function currentScreensOrder(): ScreensOrder {
  const text = process.env[VARIABLE]
  if (text === undefined) throw new Error('no pictures were asked for: run through `npm run screens`')
  return JSON.parse(text) as ScreensOrder
}
