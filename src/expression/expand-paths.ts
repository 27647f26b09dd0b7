/** String literals of CEL, and the `$` of a path outside them. */
const TOKEN = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\$(?=[.[])/g

/** `$.customer.country == "CH"` as CEL: `$` stands for the payload, except within quotes. */
export const expandPaths = (text: string): string =>
  text.replaceAll(TOKEN, (token) => (token === '$' ? 'payload' : token))
