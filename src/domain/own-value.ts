/** What a table holds under a name that somebody else chose: `constructor` and the like are no entries. */
export function ownValue<Value>(table: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined
}
