import { expect, test } from 'vitest'
import { judgePause } from '#domain/pause/judge-pause.ts'
import type { PauseLease, PauseMember } from '#domain/pause/pause-lease.ts'
import { sayPause } from '#domain/pause/pause-words.ts'

const T0 = Date.UTC(2026, 0, 5, 12)
const s = (seconds: number) => T0 + seconds * 1_000

const lease = (part: Partial<PauseLease> = {}): PauseLease => ({
  id: 'a',
  kind: 'cooperative',
  reason: 'the bank is down',
  askedByName: 'Olga',
  askedAtMs: T0,
  expiresAtMs: s(900),
  heldAtMs: null,
  problem: null,
  releaseAskedAtMs: null,
  endedAtMs: null,
  positionMovedAtMs: null,
  positionReadAtMs: s(-5),
  ...part,
})
const member = (part: Partial<PauseMember> = {}): PauseMember => ({
  state: 'paused',
  leaseId: 'a',
  inFlight: 0,
  stateSinceMs: s(1),
  reportedAtMs: s(1),
  ...part,
})
const judge = (
  nowS: number,
  part: Partial<PauseLease>,
  members: readonly PauseMember[],
  connectedCount: number | null = null,
) =>
  judgePause({
    lease: lease(part),
    members: members.map((one) => ({ ...one, reportedAtMs: s(nowS) })),
    connectedCount,
    nowMs: s(nowS),
  })

test('members that paused and positions that stand still are a pause in force, with how long they stand', () => {
  expect(judge(60, { positionReadAtMs: s(58), positionMovedAtMs: s(2) }, [member(), member()])).toEqual({
    standing: 'in-force',
    isAlert: false,
    sentence: 'All 2 members say that they paused, and no position has moved for 56 s.',
  })
})

test('a commit shortly after the pause is what was in flight; a later one is somebody who takes messages', () => {
  expect(judge(60, { positionReadAtMs: s(58), positionMovedAtMs: s(20) }, [member()]).standing).toBe('in-force')
  expect(judge(60, { positionReadAtMs: s(58), positionMovedAtMs: s(50) }, [member()])).toEqual({
    standing: 'not-obeyed',
    isAlert: true,
    sentence: 'The member says that it paused, but a position moved 10 s ago: somebody takes messages.',
  })
})

test('a member that goes on is waited for a moment, and then told', () => {
  const members = [member(), member({ state: 'running', leaseId: null })]
  expect(judge(20, {}, members)).toMatchObject({ standing: 'asked', isAlert: false })
  expect(judge(40, {}, members)).toEqual({
    standing: 'not-obeyed',
    isAlert: true,
    sentence: '1 of 2 members still takes messages.',
  })
})

test('a group of which nobody listens, and one of which one cannot be asked, are not paused', () => {
  expect(judge(40, {}, [])).toMatchObject({
    standing: 'not-obeyed',
    sentence: 'No consumer of the group listens on the control channel.',
  })
  expect(judge(40, {}, [member()], 3)).toMatchObject({
    standing: 'not-obeyed',
    sentence: '2 of 3 members cannot be asked: not on the control channel.',
  })
})

test('a member that has said nothing for long counts as nobody', () => {
  const silent = { ...member(), reportedAtMs: s(1) }
  expect(judgePause({ lease: lease(), members: [silent], connectedCount: null, nowMs: s(200) }).standing).toBe(
    'not-obeyed',
  )
})

test('a member that finishes a long message is given time, but not for ever', () => {
  const finishing = [member({ state: 'pausing', inFlight: 3 })]
  expect(judge(120, {}, finishing)).toMatchObject({
    standing: 'asked',
    sentence: 'The only member still finishes what was taken (3 messages).',
  })
  expect(judge(400, {}, finishing)).toMatchObject({ standing: 'not-obeyed', isAlert: true })
})

test('a pause that ended and is still heeded is overdue; one that nobody heeds is over', () => {
  const ended = { endedAtMs: s(100) }
  expect(judge(110, ended, [member()])).toMatchObject({ standing: 'resuming', isAlert: false })
  expect(judge(200, ended, [member()])).toEqual({
    standing: 'overdue',
    isAlert: true,
    sentence: 'The only member has not resumed 1 m 40 s after the end.',
  })
  expect(judge(200, ended, [member({ state: 'running', leaseId: null })]).standing).toBe('ended')
  expect(judge(200, ended, [member({ leaseId: 'another' })]).standing).toBe('ended')
})

test('what the broker holds counts from when it does; a slow-down is never called more than that', () => {
  const held = { kind: 'native', heldAtMs: s(2), positionReadAtMs: s(50) } as const
  expect(judge(52, { kind: 'native' }, [])).toMatchObject({ standing: 'not-obeyed', isAlert: true })
  expect(judge(5, { kind: 'native' }, [])).toMatchObject({ standing: 'asked' })
  expect(judge(5, { kind: 'native', problem: 'not authorised' }, [])).toMatchObject({
    standing: 'not-obeyed',
    sentence: 'Not in force yet: not authorised.',
  })
  expect(judge(52, held, [])).toMatchObject({ standing: 'in-force' })
  expect(judge(52, { ...held, positionMovedAtMs: s(45) }, [])).toMatchObject({ standing: 'not-obeyed' })
  expect(judge(52, { ...held, kind: 'throttle', positionMovedAtMs: s(51) }, []).sentence).toContain('not stopped')
})

test('a broker that cannot be changed back is told, with the reason', () => {
  expect(judge(905, { kind: 'throttle', heldAtMs: s(1) }, [])).toMatchObject({ standing: 'resuming' })
  expect(judge(960, { kind: 'throttle', heldAtMs: s(1), problem: 'the broker does not answer' }, [])).toEqual({
    standing: 'overdue',
    isAlert: true,
    sentence: 'It should have ended 1 m ago and is still in force: the broker does not answer.',
  })
})

test('the reason of a paused state names who, until when and why', () => {
  expect(sayPause(lease())).toBe('by Olga until 12:15 UTC, “the bank is down”')
})
