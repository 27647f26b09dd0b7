import type { Permission } from '#domain/access/role.ts'

/**
 * Who may ask for what: the whole list, to be read in one sitting. A test holds every procedure and every route against
 * it, with each role and with none, and fails for one that is not listed or asks for something else than is said here.
 */
export const PROCEDURE_ACCESS: Readonly<Record<string, Permission | 'public'>> = {
  'session.current': 'public',
  'session.signIn': 'public',
  'session.signOut': 'self:manage',
  'session.changePassword': 'self:manage',

  'overview.summary': 'telemetry:read',
  'flow.list': 'telemetry:read',
  'flow.histogram': 'telemetry:read',
  'attributeIndex.list': 'telemetry:read',
  'attributeIndex.request': 'setting:manage',
  'attributeIndex.drop': 'setting:manage',
  'flow.sampling': 'telemetry:read',
  'flow.get': 'telemetry:read',
  'flow.rows': 'telemetry:read',
  'flow.row': 'telemetry:read',
  'flow.graph': 'telemetry:read',
  'flow.message': 'payload:read',
  'flow.hops': 'telemetry:read',
  'flow.spans': 'telemetry:read',
  'flow.span': 'telemetry:read',
  'flow.stuck': 'telemetry:read',
  'topology.get': 'telemetry:read',
  'topology.hops': 'telemetry:read',
  'topology.traffic': 'telemetry:read',
  'comparison.get': 'telemetry:read',
  'comparison.versions': 'telemetry:read',
  'retry.list': 'telemetry:read',
  'instrumentation.list': 'telemetry:read',
  'consumer.list': 'telemetry:read',
  'consumer.get': 'telemetry:read',
  'consumer.laneHistory': 'telemetry:read',
  'consumer.happenings': 'telemetry:read',
  'consumer.measureAge': 'telemetry:read',
  'reset.list': 'telemetry:read',
  'reset.plan': 'consumer:control',
  'reset.start': 'consumer:control',
  'reset.undo': 'consumer:control',
  'connector.list': 'telemetry:read',
  'connector.offsets': 'telemetry:read',
  'connector.acts': 'telemetry:read',
  'connector.act': 'consumer:control',
  'cluster.list': 'telemetry:read',

  'pause.get': 'telemetry:read',
  'pause.start': 'consumer:control',
  'pause.extend': 'consumer:control',
  'pause.end': 'consumer:control',

  'deadLetter.groups': 'telemetry:read',
  'deadLetter.list': 'telemetry:read',
  'deadLetter.search': 'telemetry:read',
  'deadLetter.get': 'telemetry:read',
  'deadLetter.groupFacts': 'telemetry:read',
  'deadLetter.payload': 'payload:read',
  'deadLetter.restore': 'operation:run',

  'operation.list': 'telemetry:read',
  'operation.get': 'telemetry:read',
  'operation.items': 'telemetry:read',
  'operation.edits': 'payload:read',
  'operation.planRedrive': 'operation:plan',
  'operation.planDiscard': 'operation:plan',
  'operation.targets': 'operation:plan',
  'operation.planImport': 'payload:import',
  'operation.approve': 'operation:approve',
  'operation.start': 'operation:run',
  'operation.pause': 'operation:run',
  'operation.resume': 'operation:run',
  'operation.cancel': 'operation:run',

  'expectedTime.list': 'telemetry:read',
  'expectedTime.set': 'consumer:control',

  'correlation.rules': 'telemetry:read',
  'correlation.preview': 'setting:manage',
  'correlation.save': 'setting:manage',
  'correlation.remove': 'setting:manage',

  'setting.approvalRule': 'telemetry:read',
  'setting.setApprovalRule': 'setting:manage',

  'audit.list': 'audit:read',
  'person.list': 'person:manage',
  'person.create': 'person:manage',
  'person.setRole': 'person:manage',
  'person.disable': 'person:manage',
  'person.enable': 'person:manage',
  'person.endSessions': 'person:manage',
}

/** What a person with a one-time password may still ask for. */
export const OPEN_BEFORE_PASSWORD_CHANGE: readonly string[] = [
  'session.current',
  'session.signIn',
  'session.signOut',
  'session.changePassword',
]

/** Route handlers, by their path under src/app. `procedures`: each call is decided by the list above; else what it asks for. */
export const ROUTE_ACCESS: Readonly<Record<string, 'procedures' | 'public' | Permission>> = {
  'api/trpc/[trpc]': 'procedures',
  'api/flows/[key]/download': 'telemetry:read',
  'api/dead-letters/export': 'payload:export',
  'api/dead-letters/[id]/download': 'payload:export',
  'api/flows/[key]/message': 'payload:export',
  'api/imports': 'payload:import',
  'api/operations/[id]/ledger': 'telemetry:read',
  /** Says whether the database answers, and nothing else. */
  'api/healthz': 'public',
}
