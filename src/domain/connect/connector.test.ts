import { expect, test } from 'vitest'
import {
  type Connector,
  type ConnectorState,
  type ConnectorVerb,
  judgeConnectorEffect,
} from '#domain/connect/connector.ts'

const judge = (
  verb: ConnectorVerb,
  state: ConnectorState,
  tasks: readonly ConnectorState[],
  task: number | null = null,
) => {
  const connector: Connector = {
    connect: 'http://connect',
    name: 'sink',
    type: 'sink',
    className: null,
    state,
    failure: null,
    tasks: tasks.map((one, id) => ({ id, state: one, worker: null, failure: null })),
    group: null,
  }
  return judgeConnectorEffect({ verb, task }, connector)
}

test('a pause is seen when the last task has paused, a stop when the last task is gone', () => {
  expect(judge('pause', 'PAUSED', ['PAUSED', 'RUNNING'])).toBe('not-yet')
  expect(judge('pause', 'PAUSED', ['PAUSED', 'FAILED'])).toBe('seen')
  expect(judge('stop', 'STOPPED', ['RUNNING'])).toBe('not-yet')
  expect(judge('stop', 'STOPPED', [])).toBe('seen')
})

test('a resume is over when its tasks have come back and run', () => {
  expect(judge('resume', 'RUNNING', [])).toBe('not-yet')
  expect(judge('resume', 'RUNNING', ['UNASSIGNED'])).toBe('not-yet')
  expect(judge('resume', 'RUNNING', ['RUNNING'])).toBe('seen')
})

test('what fails again after a restart is told apart from what is still on its way', () => {
  expect(judge('restart', 'RUNNING', ['RESTARTING'])).toBe('not-yet')
  expect(judge('restart', 'RUNNING', ['FAILED'])).toBe('failed-again')
  expect(judge('restart-task', 'RUNNING', ['FAILED', 'RUNNING'], 1)).toBe('seen')
  expect(judge('restart-task', 'RUNNING', ['RUNNING'], 4)).toBe('not-yet')
})
