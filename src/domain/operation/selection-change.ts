/** What became of a selection while it was planned; counts are messages. */
export interface SelectionChange {
  /** Were in it, and were redriven, discarded or lost meanwhile: left out. */
  readonly handledCount: number
  /** Match it and came too late: not part of it. */
  readonly arrivedCount: number
}

/** Whole sentences; none when nothing changed. */
export function describeSelectionChange({ handledCount, arrivedCount }: SelectionChange): readonly string[] {
  const sentences: string[] = []
  if (handledCount > 0) {
    const [who, are] = handledCount === 1 ? ['One', 'is'] : [format(handledCount), 'are']
    const was = handledCount === 1 ? 'was' : 'were'
    sentences.push(
      `${who} of the selected messages ${was} handled by somebody else while this was planned, and ${are} left out.`,
    )
  }
  if (arrivedCount > 0) {
    const who =
      arrivedCount === 1 ? 'One more message that matches' : `${format(arrivedCount)} more messages that match`
    sentences.push(`${who} arrived while this was planned: not part of this plan.`)
  }
  return sentences
}

const format = (figure: number): string => figure.toLocaleString('en-GB')
