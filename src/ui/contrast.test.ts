import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const css = readFileSync(new URL('../app/globals.css', import.meta.url), 'utf8')

/** The custom properties that stand as `light-dark(#..., #...)`. */
function tokensOf(scheme: 'light' | 'dark'): Map<string, string> {
  const pairs = [...css.matchAll(/--([\w-]+):\s*light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g)]
  return new Map(pairs.map(([, name, light, dark]) => [name!, scheme === 'light' ? light! : dark!]))
}

/** Relative luminance of WCAG 2.2. */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].toSorted((a, b) => b - a)
  return (light + 0.05) / (dark + 0.05)
}

const SURFACES = ['bg', 'rail', 'panel', 'panel-2', 'sunken', 'accent-weak']
const PAIRS: readonly (readonly [ink: string, ground: string])[] = [
  ...['ink', 'ink-2', 'ink-3'].flatMap((ink) => SURFACES.map((ground) => [ink, ground] as const)),
  ...['accent', 'ok', 'warn', 'bad', 'pause', 'replay', 'backoff-ink'].flatMap((ink) =>
    ['bg', 'panel', 'panel-2', 'accent-weak'].map((ground) => [ink, ground] as const),
  ),
  ...['ok', 'warn', 'bad', 'pause', 'replay'].flatMap((tone) =>
    [tone, 'ink', 'ink-2'].map((ink) => [ink, `${tone}-weak`] as const),
  ),
  ['on-accent', 'accent'],
]

test.each(['dark', 'light'] as const)('every text colour reads at 4.5:1 or better, %s', (scheme) => {
  const tokens = tokensOf(scheme)
  const weak = PAIRS.flatMap(([ink, ground]) => {
    const ratio = contrast(tokens.get(ink)!, tokens.get(ground)!)
    return ratio < 4.5 ? [`${ink} on ${ground}: ${ratio.toFixed(2)}`] : []
  })
  expect(weak).toEqual([])
})

test('every colour that anything paints with is one of the tokens, by day and by night', () => {
  const named = new Set([...css.matchAll(/var\(--([\w-]+)\)/g)].map(([, name]) => name!))
  const known = new Set([...css.matchAll(/^\s*--([\w-]+):/gm)].map(([, name]) => name!))
  expect([...named].filter((name) => !known.has(name) && !name.startsWith('font'))).toEqual([])
})
