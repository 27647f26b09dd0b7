import { Fragment } from 'react'

/** After these a machine-made name may go on in the next line. */
const JOINTS = /(?<=[./:_#@$-])(?=[^./:_#@$-])|(?<=[a-z])(?=[A-Z][a-z])/u

/** A name that breaks where its parts meet, and inside a part only when that part alone is wider than its place. */
export function BreakableName({ name }: { readonly name: string }) {
  return (
    <span className="wrap-anywhere-safe">
      {name.split(JOINTS).map((part, index) => (
        <Fragment key={index}>
          {index > 0 && <wbr />}
          {part}
        </Fragment>
      ))}
    </span>
  )
}
