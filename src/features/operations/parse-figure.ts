/** A number within bounds as somebody typed it, or null. */
export function parseFigure(text: string, least: number, most: number): number | null {
  const figure = Number(text)
  return text.trim() !== '' && Number.isFinite(figure) && figure >= least && figure <= most ? figure : null
}
