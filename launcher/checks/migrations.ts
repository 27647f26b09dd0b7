/** The part of drizzle/meta/_journal.json that the migrator reads. */
export interface Journal {
  readonly entries: readonly { readonly when: number; readonly tag: string }[]
}

/**
 * What is wrong with the migration journal. The migrator applies an entry only when its `when` is later than the last
 * applied one, so one that is out of order is skipped in silence on every database that exists.
 */
export function findMigrationProblems(journal: Journal, sqlFiles: readonly string[]): string[] {
  const tags = journal.entries.map((entry) => entry.tag)
  const files = sqlFiles.map((file) => file.replace(/\.sql$/, ''))
  const outOfOrder = journal.entries.filter((entry, index) => entry.when <= (journal.entries[index - 1]?.when ?? 0))
  return [
    ...outOfOrder.map((entry) => `drizzle: "when" of ${entry.tag} is not later than that of the entry before it`),
    ...files.filter((file) => !tags.includes(file)).map((file) => `drizzle/${file}.sql is not in the journal`),
    ...tags.filter((tag) => !files.includes(tag)).map((tag) => `drizzle/${tag}.sql is in the journal and missing`),
  ]
}
