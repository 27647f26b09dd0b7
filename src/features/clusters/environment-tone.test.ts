import { expect, test } from 'vitest'
import { isProduction } from '#domain/access/is-production.ts'
import { environmentTone, rankEnvironments } from '#features/clusters/environment-tone.ts'

test('production is red whatever it is called, its rehearsals are not', () => {
  expect(['production', 'Prod-EU', 'live'].map(environmentTone)).toEqual(['bad', 'bad', 'bad'])
  expect(['staging', 'preprod', 'UAT'].map(environmentTone)).toEqual(['warn', 'warn', 'warn'])
  expect(['development', 'non-prod', 'demo'].map(environmentTone)).toEqual(['unknown', 'unknown', 'unknown'])
  expect(isProduction('preprod')).toBe(false)
})

test('the most dangerous environment comes first, each once', () => {
  expect(rankEnvironments(['demo', 'staging', 'production', 'demo'])).toEqual(['production', 'staging', 'demo'])
})
