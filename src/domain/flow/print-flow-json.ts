import type { FlowJson } from '#domain/flow/flow-json.ts'

/** Elements of a list that are printed at once: some hundred kilobytes. */
const AT_ONCE = 500

/** The text of the file in pieces, because fifty thousand hops make one of fifty megabytes. One element of a list per line. */
export function* printFlowJson(json: FlowJson): Generator<string, void> {
  let before = '{\n'
  for (const [name, value] of Object.entries(json)) {
    yield `${before}"${name}":`
    if (Array.isArray(value)) yield* printList(value)
    else yield JSON.stringify(value)
    before = ',\n'
  }
  yield '\n}\n'
}

function* printList(list: readonly unknown[]): Generator<string, void> {
  yield '['
  for (let from = 0; from < list.length; from += AT_ONCE) {
    const some = list.slice(from, from + AT_ONCE).map((element) => JSON.stringify(element))
    yield `${from === 0 ? '\n' : ',\n'}${some.join(',\n')}`
  }
  yield ']'
}
