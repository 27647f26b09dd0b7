/** From this many messages on, starting asks for typing: fewer can be put right by hand. */
export const TYPING_THRESHOLD = 500

/** The words to type before an act on `count` things may start, or null when a press is enough. */
export function wordsToType(count: number, isProduction: boolean): string | null {
  const threshold = isProduction ? TYPING_THRESHOLD / 5 : TYPING_THRESHOLD
  return count > threshold ? String(count) : null
}

/** Whether what was typed says the same figure; spaces, commas and points between digits do not matter. */
export function isTypedRight(typed: string, words: string): boolean {
  return typed.replaceAll(/[\s,.'\u00a0]/g, '') === words
}
