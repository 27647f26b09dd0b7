import { classNames } from '#ui/class-names.ts'
import { TONE_BACKGROUND, TONE_TEXT, type Tone } from '#ui/tone.ts'

export interface NavigationCount {
  readonly text: string
  readonly tone: Tone
  /** Said by a screen reader: `12 open dead letters`. */
  readonly label: string
}

/** How much waits behind a link of the navigation. */
export function NavigationCountMark({ count }: { readonly count: NavigationCount | undefined }) {
  if (count === undefined) return null
  return (
    <span
      title={count.label}
      className={classNames(
        'inline-block rounded-full px-1.5 text-xs leading-[17px]',
        TONE_BACKGROUND[count.tone],
        TONE_TEXT[count.tone],
      )}
    >
      <span aria-hidden="true">{count.text}</span>
      <span className="sr-only">{count.label}</span>
    </span>
  )
}
