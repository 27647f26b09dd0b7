import type { FlowOperationItem, TimelineRow } from '#domain/flow/flow.ts'
import { messageIdentity, type JoinedHop } from '#domain/flow/join-hops.ts'
import type { PlacedDeadLetter } from '#domain/flow/place-dead-letters.ts'
import { backOffRow, operationRow, parkedRow, queueRow, spanRow } from '#domain/flow/row-shapes.ts'
import { RETRY_DESTINATION } from '#domain/flow/settle-outcomes.ts'
import { endUsOf, parentKeyOf, type SpanIndex } from '#domain/flow/span-index.ts'
import type { SpanRecord } from '#domain/trace/span.ts'

export interface RowSources {
  readonly index: SpanIndex
  readonly hops: readonly JoinedHop[]
  readonly placed: readonly PlacedDeadLetter[]
  readonly items: readonly FlowOperationItem[]
  readonly coveredReceives: ReadonlySet<string>
  readonly endUs: number
}

/** Between two pauses. */
const TASKS_AT_ONCE = 10_000

/** Something to draw next, below what has been drawn. Drawn from a stack, because chains may be thousands deep. */
type Task =
  | { readonly kind: 'span'; readonly span: SpanRecord; readonly depth: number }
  | { readonly kind: 'row'; readonly row: TimelineRow }
  | { readonly kind: 'letter'; readonly placed: PlacedDeadLetter; readonly depth: number }
  | { readonly kind: 'item'; readonly item: FlowOperationItem; readonly depth: number }

/**
 * The timeline, ordered and indented: a receiver stands under the span that sent its message, with the wait between
 * them; dead letters under the send that parked them; redrives under the dead letter that they took. A receiver of
 * several messages is drawn once, under the earliest; every other message gets its wait. Pauses every few thousand rows.
 */
export function* buildRows(sources: RowSources): Generator<void, readonly TimelineRow[]> {
  const layout = layOut(sources)
  yield
  const rows: TimelineRow[] = []
  const drawn = new Set<SpanRecord | FlowOperationItem | PlacedDeadLetter>()
  let taskCount = 0
  const draw = function* (first: Task): Generator<void, void> {
    const stack: Task[] = [first]
    for (let task = stack.pop(); task !== undefined; task = stack.pop()) {
      taskCount += 1
      if (taskCount % TASKS_AT_ONCE === 0) yield
      if (task.kind === 'row') {
        rows.push(task.row)
        continue
      }
      const subject = task.kind === 'span' ? task.span : task.kind === 'item' ? task.item : task.placed
      if (drawn.has(subject)) continue
      drawn.add(subject)
      const below = drawOne(task, layout, sources, rows)
      for (let at = below.length - 1; at >= 0; at -= 1) stack.push(below[at] as Task)
    }
  }
  for (const root of rootTasks(layout, sources)) yield* draw(root)
  // Parents that form a circle have no root: nothing that was sent to us is left out for that.
  for (const span of sources.index.spans)
    if (!drawn.has(span) && !layout.hidden.has(span)) yield* draw({ kind: 'span', span, depth: 0 })
  return rows
}

interface Layout {
  /** Spans that have no row: those of our own copies, and polls whose messages have process spans. */
  readonly hidden: ReadonlySet<SpanRecord>
  readonly childrenOf: ReadonlyMap<SpanRecord, readonly SpanRecord[]>
  readonly roots: readonly SpanRecord[]
  readonly hopsBySender: ReadonlyMap<SpanRecord | FlowOperationItem, readonly JoinedHop[]>
  readonly hopsByReceiver: ReadonlyMap<SpanRecord, readonly JoinedHop[]>
  readonly lettersBySender: ReadonlyMap<SpanRecord, readonly PlacedDeadLetter[]>
}

function findHidden({ index, coveredReceives }: RowSources): ReadonlySet<SpanRecord> {
  return new Set([...index.itemByKey.keys(), ...coveredReceives].flatMap((key) => index.byKey.get(key) ?? []))
}

function layOut(sources: RowSources): Layout {
  const { index, hops, placed } = sources
  const hidden = findHidden(sources)
  const byTime = hops.toSorted((a, b) => timeOf(a) - timeOf(b))
  const hopsByReceiver = groupBy(byTime, ({ receiver }) => receiver)
  const childrenOf = new Map<SpanRecord, SpanRecord[]>()
  const roots: SpanRecord[] = []
  for (const span of index.spans) {
    if (hidden.has(span)) continue
    if ((hopsByReceiver.get(span) ?? []).some(({ sender, item }) => sender !== null || item !== null)) continue
    const parent = visibleParent(span, index, hidden)
    if (parent === null) roots.push(span)
    else append(childrenOf, parent, span)
  }
  return {
    hidden,
    childrenOf,
    roots,
    hopsBySender: groupBy(byTime, ({ sender, item }) => sender ?? item),
    hopsByReceiver,
    lettersBySender: groupBy(placed, ({ sender, failedHop }) => sender ?? failedHop?.receiver ?? null),
  }
}

function visibleParent(span: SpanRecord, index: SpanIndex, hidden: ReadonlySet<SpanRecord>): SpanRecord | null {
  let current: SpanRecord | undefined = span
  for (let step = 0; step < 64 && current !== undefined; step += 1) {
    const parentKey = parentKeyOf(current)
    current = parentKey === null ? undefined : index.byKey.get(parentKey)
    if (current !== undefined && current !== span && !hidden.has(current)) return current
  }
  return null
}

function rootTasks({ roots }: Layout, { placed, items }: RowSources): Task[] {
  const letterIds = new Set(placed.map(({ letter }) => letter.id))
  const tasks: (readonly [number, Task])[] = [
    ...roots.map((span) => [span.startUs, { kind: 'span', span, depth: 0 }] as const),
    ...placed
      .filter(({ sender, failedHop }) => sender === null && failedHop === null)
      .map((one) => [one.letter.deadUs, { kind: 'letter', placed: one, depth: 0 }] as const),
    ...items
      .filter(({ deadLetterId }) => deadLetterId === null || !letterIds.has(deadLetterId))
      .map((item) => [item.sentUs, { kind: 'item', item, depth: 0 }] as const),
  ]
  return tasks.toSorted(([a], [b]) => a - b).map(([, task]) => task)
}

/** Draws the row of one thing and answers what comes below it, in order. */
function drawOne(
  task: Exclude<Task, { kind: 'row' }>,
  layout: Layout,
  sources: RowSources,
  rows: TimelineRow[],
): Task[] {
  if (task.kind === 'letter') {
    rows.push(parkedRow(task.placed, task.depth, sources.endUs))
    return task.placed.items.map((item) => ({ kind: 'item', item, depth: task.depth }))
  }
  if (task.kind === 'item') {
    rows.push(operationRow(task.item, task.depth))
    return deliveryTasks(layout.hopsBySender.get(task.item) ?? [], layout, task.depth + 1, task.depth + 1)
  }
  const { span, depth } = task
  const asReceiver = layout.hopsByReceiver.get(span)?.at(0) ?? null
  const letters = layout.lettersBySender.get(span) ?? []
  const isDeadSend = letters.some(({ sender }) => sender === span)
  rows.push(spanRow(span, depth, asReceiver?.hop ?? null, isDeadSend))
  return [
    ...(layout.childrenOf.get(span) ?? []).map((child): Task => ({ kind: 'span', span: child, depth: depth + 1 })),
    ...(isDeadSend ? [] : deliveryTasks(layout.hopsBySender.get(span) ?? [], layout, depth, depth + 1)),
    ...letters.map((placed): Task => ({ kind: 'letter', placed, depth: isDeadSend ? depth : depth + 1 })),
  ]
}

/** The wait and then the receiver of each delivery; before a further attempt the wait is a back-off. */
function deliveryTasks(hops: readonly JoinedHop[], layout: Layout, waitDepth: number, receiverDepth: number): Task[] {
  const previous = new Map<string, JoinedHop>()
  return hops.flatMap((joined): Task[] => {
    const { receiver } = joined
    const identity = messageIdentity(joined)
    const before = previous.get(identity)?.receiver ?? null
    previous.set(identity, joined)
    if (receiver === null) return [{ kind: 'row', row: queueRow(joined, waitDepth) }]
    const wait = waitRow(joined, before, waitDepth, receiverDepth)
    const isPrimary =
      layout.hopsByReceiver.get(receiver)?.find(({ sender, item }) => sender !== null || item !== null) === joined
    return [
      ...(wait === null ? [] : [{ kind: 'row', row: wait } as const]),
      ...(isPrimary ? [{ kind: 'span', span: receiver, depth: receiverDepth } as const] : []),
    ]
  })
}

function waitRow(
  joined: JoinedHop,
  before: SpanRecord | null,
  waitDepth: number,
  receiverDepth: number,
): TimelineRow | null {
  const { receiver, hop } = joined
  if (before !== null && receiver !== null) {
    return backOffRow(joined, endUsOf(before), receiver.startUs, receiverDepth)
  }
  if (RETRY_DESTINATION.test(hop.destination) && hop.sentUs !== null && hop.receivedUs !== null) {
    return backOffRow(joined, hop.sentUs, hop.receivedUs, waitDepth)
  }
  return queueRow(joined, waitDepth)
}

const timeOf = ({ hop }: JoinedHop): number => hop.receivedUs ?? hop.sentUs ?? 0

function groupBy<Item, Key>(items: readonly Item[], read: (item: Item) => Key | null): ReadonlyMap<Key, Item[]> {
  const groups = new Map<Key, Item[]>()
  for (const item of items) {
    const key = read(item)
    if (key !== null) append(groups, key, item)
  }
  return groups
}

function append<Key, Item>(groups: Map<Key, Item[]>, key: Key, item: Item): void {
  const group = groups.get(key)
  if (group === undefined) groups.set(key, [item])
  else group.push(item)
}
