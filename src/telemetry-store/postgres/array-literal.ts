const SPECIAL = /["\\]/

/** A text in an array literal. */
const quoted = (text: string): string =>
  SPECIAL.test(text) ? `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"` : `"${text}"`

/** Texts as one parameter of a type like text[]; the driver's own way of writing long arrays costs twice as much. */
export const arrayOfTexts = (texts: readonly (string | null)[]): string =>
  `{${texts.map((text) => (text === null ? 'NULL' : quoted(text))).join(',')}}`

/** Numbers, booleans or ids in hex as one parameter of a type like bigint[]. */
export const arrayOfPlain = (values: readonly (number | boolean | string)[]): string => `{${values.join(',')}}`
