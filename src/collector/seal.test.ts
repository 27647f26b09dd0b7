import { expect, test } from 'vitest'
import { sealSecret, unsealSecret } from '#collector/seal.ts'

const KEY = 'a seal key of somebody with 32+ bytes'
const SECRET = { mechanism: 'plain', password: 'hunter2' }

test('what was sealed opens again with the same key and cluster', () => {
  const envelope = sealSecret(KEY, 'prod-eu', SECRET)
  expect(Buffer.from(envelope).includes('hunter2')).toBe(false)
  expect(unsealSecret(KEY, 'prod-eu', envelope)).toEqual(SECRET)
})

test('an envelope opens neither for another cluster, nor with another key, nor after any changed byte', () => {
  const envelope = sealSecret(KEY, 'prod-eu', SECRET)
  expect(() => unsealSecret(KEY, 'prod-us', envelope)).toThrow('do not open')
  expect(() => unsealSecret(`${KEY}!`, 'prod-eu', envelope)).toThrow('do not open')
  for (let index = 0; index < envelope.length; index += 1) {
    const changed = Uint8Array.from(envelope)
    changed[index]! ^= 1
    expect(() => unsealSecret(KEY, 'prod-eu', changed)).toThrow('do not open')
  }
})

test('the same secret is never sealed to the same bytes twice', () => {
  expect(sealSecret(KEY, 'a', SECRET)).not.toEqual(sealSecret(KEY, 'a', SECRET))
})
