import { classNames } from '#ui/class-names.ts'
import { TONE_TEXT, type Tone } from '#ui/tone.ts'

/** Green dot, amber diamond, red square, violet bars, cyan ring, dashed grey: the shape alone tells the state. */
export function StateShape({ tone, size = 8 }: { readonly tone: Tone; readonly size?: number }) {
  return (
    <svg
      aria-hidden="true"
      width={size}
      height={size}
      viewBox="0 0 8 8"
      className={classNames('shrink-0', TONE_TEXT[tone])}
      fill="currentColor"
    >
      <Shape tone={tone} />
    </svg>
  )
}

function Shape({ tone }: { readonly tone: Tone }) {
  switch (tone) {
    case 'ok':
      return <circle cx={4} cy={4} r={3.5} />
    case 'warn':
      return <path d="M4 0.2L7.8 4 4 7.8 0.2 4z" />
    case 'bad':
      return <rect x={0.5} y={0.5} width={7} height={7} rx={0.8} />
    case 'paused':
      return (
        <>
          <rect x={0.75} y={0.5} width={2.4} height={7} rx={0.4} />
          <rect x={4.85} y={0.5} width={2.4} height={7} rx={0.4} />
        </>
      )
    case 'active':
      return <circle cx={4} cy={4} r={2.9} fill="none" stroke="currentColor" strokeWidth={1.8} />
    case 'unknown':
      return (
        <circle cx={4} cy={4} r={3.2} fill="none" stroke="currentColor" strokeWidth={1.2} strokeDasharray="1.7 1.4" />
      )
  }
}
