/** What the dry run is doing; the counts are messages. */
export interface PlanProgress {
  /** For people: `trying the edit`. */
  readonly step: string
  readonly doneCount: number
  /** null = not known beforehand. */
  readonly totalCount: number | null
}
