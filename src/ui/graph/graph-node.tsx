import type { ReactNode } from 'react'
import { classNames } from '#ui/class-names.ts'
import { NODE_HEIGHT, NODE_WIDTH, type PlacedNode } from '#ui/graph/elk-graph.ts'
import { shortenName } from '#ui/graph/shorten-name.ts'
import { StateShape } from '#ui/state-shape.tsx'
import { TONE_TEXT, type Tone } from '#ui/tone.ts'

interface GraphNodeProps {
  readonly place: PlacedNode
  /** What the node opens, as an address and as an id; null where there is nothing to open. */
  readonly opens: { readonly id: string; readonly href: string } | null
  readonly isOpen: boolean
  readonly onOpen: (id: string) => void
  /** Everything on the node in one sentence; its title, by which it is read out. */
  readonly sentence: string
  readonly name: string
  /** Short enough to fit, about 20 characters. */
  readonly line: string
  /** null = nothing that deserves a colour. */
  readonly tone: Tone | null
  /** Frame and ground where there is no tone. */
  readonly calmLook?: string
  /** How far the words keep from the left end of the shape. */
  readonly inset: number
  readonly shape: (look: string) => ReactNode
}

/** Frame and ground of a node in a state; a healthy one keeps to hairlines. */
const LOOK: Readonly<Record<Tone, string>> = {
  ok: 'fill-panel-2 stroke-line',
  warn: 'fill-warn-weak stroke-warn',
  bad: 'fill-bad-weak stroke-bad',
  paused: 'fill-pause-weak stroke-pause',
  active: 'fill-replay-weak stroke-replay',
  unknown: 'fill-panel-2 stroke-ink-3',
}

const MARK_WIDTH = 12

/** One node of a graph: its shape, a name, a line with its state, and the way to its details. */
export function GraphNode({ place, opens, isOpen, onOpen, sentence, ...words }: GraphNodeProps) {
  const { name, line, tone, calmLook = LOOK.ok, inset, shape } = words
  const body = (
    <>
      <title>{sentence}</title>
      {shape(classNames(tone === null ? calmLook : LOOK[tone], 'group-hover:stroke-ink-2'))}
      <rect
        x={-3.5}
        y={-3.5}
        width={NODE_WIDTH + 7}
        height={NODE_HEIGHT + 7}
        rx={10}
        className={classNames(
          'fill-none stroke-accent stroke-2 group-focus-visible:opacity-100',
          isOpen ? 'opacity-100' : 'opacity-0',
        )}
      />
      <text x={inset} y={18} className="fill-ink text-base font-semibold">
        {shortenName(name, 17)}
      </text>
      {tone !== null && (
        <g transform={`translate(${inset} 27.5)`}>
          <StateShape tone={tone} />
        </g>
      )}
      <text
        x={tone === null ? inset : inset + MARK_WIDTH}
        y={35}
        className={classNames('fill-current text-sm', tone === null ? 'text-ink-2' : TONE_TEXT[tone])}
      >
        {line}
      </text>
    </>
  )
  return (
    <g transform={`translate(${place.x} ${place.y})`}>
      {opens === null ? (
        body
      ) : (
        <a
          href={opens.href}
          data-row-id={opens.id}
          aria-current={isOpen ? 'true' : undefined}
          onClick={(event) => {
            if (event.metaKey || event.ctrlKey || event.shiftKey) return
            event.preventDefault()
            onOpen(opens.id)
          }}
          className="group outline-none"
        >
          {body}
        </a>
      )}
    </g>
  )
}
