import { expect, test } from 'vitest'
import { isAllowed, PERMISSIONS, ROLES } from '#domain/access/role.ts'
import { isAt, PLACES, placesFor } from '#features/shell/places.ts'

const permissionsOf = (role: (typeof ROLES)[number]) => PERMISSIONS.filter((permission) => isAllowed(role, permission))
const paths = (places: readonly { readonly path: string }[]) => places.map(({ path }) => path)

test('what is drawn before one knows who is there, everybody may see', () => {
  const drawn = paths(placesFor(null))
  for (const role of ROLES) expect(paths(placesFor(permissionsOf(role)))).toEqual(expect.arrayContaining(drawn))
  expect(drawn).not.toContain('/audit')
})

test('the bar of a phone has at most six places, the last of which is More', () => {
  expect(PLACES.filter(({ isMinor }) => isMinor !== true).length + 1).toBeLessThanOrEqual(6)
})

test('each place has a key of its own', () => {
  expect(new Set(PLACES.map(({ key }) => key)).size).toBe(PLACES.length)
})

test('comparing flows belongs to the flows, whatever the key of a flow is', () => {
  const marked = (path: string) => PLACES.filter((place) => isAt(place, path)).map(({ label }) => label)
  expect(marked('/compare')).toEqual(['Flows'])
  expect(marked('/flows/compare')).toEqual(['Flows'])
})
