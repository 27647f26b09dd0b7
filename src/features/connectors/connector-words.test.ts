import { expect, test } from 'vitest'
import type { Connector, ConnectorState } from '#domain/connect/connector.ts'
import { describeTasks, possibleVerbs, worstOf } from '#features/connectors/connector-words.ts'

const connector = (state: ConnectorState, ...tasks: ConnectorState[]): Connector => ({
  connect: 'http://connect',
  name: 'sink',
  type: 'sink',
  className: null,
  state,
  failure: null,
  tasks: tasks.map((one, id) => ({ id, state: one, worker: null, failure: null })),
  group: null,
})

test('a running connector with a failed task is failed, and what failed can be restarted by itself', () => {
  const broken = connector('RUNNING', 'RUNNING', 'FAILED', 'RUNNING')
  expect(worstOf(broken)).toBe('FAILED')
  expect(describeTasks(broken)).toBe('2 running, 1 failed')
  expect(possibleVerbs(broken)).toContain('restart-failed')
  expect(possibleVerbs(connector('RUNNING', 'RUNNING'))).not.toContain('restart-failed')
})

test('positions are reset of a stopped connector alone', () => {
  expect(possibleVerbs(connector('STOPPED'))).toEqual(['resume', 'reset-offsets'])
  expect(possibleVerbs(connector('PAUSED', 'PAUSED'))).toEqual(['resume', 'stop'])
  expect(describeTasks(connector('STOPPED'))).toBe('no tasks')
})
