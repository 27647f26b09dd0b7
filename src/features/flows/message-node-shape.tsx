import type { MessageNode } from '#domain/flow/message-graph.ts'
import { classNames } from '#ui/class-names.ts'
import { StateShape } from '#ui/state-shape.tsx'
import { TONE_TEXT, type Tone } from '#ui/tone.ts'
import { nodeSentence, nodeTone } from '#features/flows/message-words.ts'
import { NODE_HEIGHT, NODE_WIDTH, type PlacedNode } from '#features/topology/elk-graph.ts'
import { shortenName } from '#features/topology/node-words.ts'

interface MessageNodeShapeProps {
  readonly node: MessageNode
  readonly place: PlacedNode
  readonly isOpen: boolean
  readonly onOpen: (rowId: string) => void
}

const LOOK: Readonly<Record<Tone, string>> = {
  ok: 'fill-panel-2 stroke-line',
  warn: 'fill-warn-weak stroke-warn',
  bad: 'fill-bad-weak stroke-bad',
  paused: 'fill-pause-weak stroke-pause',
  active: 'fill-replay-weak stroke-replay',
  unknown: 'fill-panel-2 stroke-ink-3',
}

/** A message is an envelope: its corner is folded. Work is a box, and both open what the timeline knows of them. */
const FOLD = 11
const ENVELOPE = `M0 4a4 4 0 0 1 4-4H${NODE_WIDTH - FOLD}L${NODE_WIDTH} ${FOLD}V${NODE_HEIGHT - 4}a4 4 0 0 1-4 4H4a4 4 0 0 1-4-4Z`
const CORNER = `M${NODE_WIDTH - FOLD} 0V${FOLD}H${NODE_WIDTH}`

/** One box of the message graph. */
export function MessageNodeShape({ node, place, isOpen, onOpen }: MessageNodeShapeProps) {
  const tone = nodeTone(node)
  const isMessage = node.kind === 'message' || node.kind === 'dead-letter'
  const look = classNames(
    tone === null ? (isMessage ? 'fill-panel stroke-quiet-bar' : LOOK.ok) : LOOK[tone],
    'group-hover:stroke-ink-2',
  )
  const { rowId } = node
  const body = (
    <>
      <title>{nodeSentence(node)}</title>
      {isMessage ? (
        <>
          <path d={ENVELOPE} className={look} strokeLinejoin="round" />
          <path d={CORNER} className={classNames(look, 'fill-none')} />
        </>
      ) : (
        <rect width={NODE_WIDTH} height={NODE_HEIGHT} rx={8} className={look} />
      )}
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
      <text x={12} y={18} className="fill-ink text-base font-semibold">
        {shortenName(node.name, 18)}
      </text>
      {tone !== null && (
        <g transform="translate(12 27.5)">
          <StateShape tone={tone} />
        </g>
      )}
      <text
        x={tone === null ? 12 : 24}
        y={35}
        className={classNames('fill-current text-sm', tone === null ? 'text-ink-2' : TONE_TEXT[tone])}
      >
        {shortenName(node.detail ?? '', tone === null ? 22 : 20)}
      </text>
    </>
  )
  return (
    <g transform={`translate(${place.x} ${place.y})`}>
      {rowId === null ? (
        <g>{body}</g>
      ) : (
        <a
          href={`?${new URLSearchParams({ tab: 'graph', row: rowId }).toString()}`}
          data-row-id={rowId}
          aria-current={isOpen ? 'true' : undefined}
          onClick={(event) => {
            if (event.metaKey || event.ctrlKey || event.shiftKey) return
            event.preventDefault()
            onOpen(rowId)
          }}
          className="group outline-none"
        >
          {body}
        </a>
      )}
    </g>
  )
}
