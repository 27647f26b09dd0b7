/**
 * Whether a name belongs to the share of all names that is kept: the same answer for the same name everywhere and always,
 * and whoever is in a smaller share is in every greater one. FNV-1a over the UTF-16 units, then the finaliser of Murmur 3.
 */
export function isInShare(name: string, share: number): boolean {
  if (share >= 1) return true
  let hash = 0x811c9dc5
  for (let index = 0; index < name.length; index += 1) hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) / 0x1_0000_0000 < share
}
