'use client'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTRPC } from '#trpc/use-trpc.ts'
import { Button } from '#ui/button.tsx'
import { ReasonDialog } from '#ui/confirm/reason-dialog.tsx'
import { Fact, FactList } from '#ui/fact-list.tsx'
import { formatCount } from '#ui/format/number.ts'
import { MomentText } from '#ui/moment-text.tsx'
import { SidePanel } from '#ui/side-panel.tsx'
import { StateMark } from '#ui/state-mark.tsx'
import { FailureNote } from '#features/failure/failure-note.tsx'
import { usePerson } from '#features/session/person-context.ts'
import { OneTimePassword } from '#features/settings/one-time-password.tsx'
import type { PersonRow } from '#features/settings/people-settings.tsx'
import { personState } from '#features/settings/person-words.ts'
import { RoleField } from '#features/settings/role-field.tsx'

type Verb = 'role' | 'disable' | 'enable' | 'end-sessions'

interface PersonPanelProps {
  readonly person: PersonRow
  readonly onClose: () => void
}

/** One person: their role and whether they may sign in, each changed with a reason. */
export function PersonPanel({ person, onClose }: PersonPanelProps) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const isOneself = usePerson()?.login === person.login
  const [role, setRole] = useState(person.role)
  const [verb, setVerb] = useState<Verb | null>(null)
  const options = {
    onSuccess: async () => {
      setVerb(null)
      await queryClient.invalidateQueries({ queryKey: trpc.person.pathKey() })
    },
  }
  const setPersonRole = useMutation(trpc.person.setRole.mutationOptions(options))
  const disable = useMutation(trpc.person.disable.mutationOptions(options))
  const enable = useMutation(trpc.person.enable.mutationOptions({ ...options, gcTime: 0 }))
  const endSessions = useMutation(trpc.person.endSessions.mutationOptions(options))
  const mutations = { role: setPersonRole, disable, enable, 'end-sessions': endSessions }
  const confirm = (reason: string) => {
    const wish = { personId: person.id, reason }
    if (verb === 'role') setPersonRole.mutate({ ...wish, role })
    if (verb === 'disable') disable.mutate(wish)
    if (verb === 'enable') enable.mutate(wish)
    if (verb === 'end-sessions') endSessions.mutate(wish)
  }
  const open = (next: Verb) => () => {
    mutations[next].reset()
    setVerb(next)
  }
  const isActive = person.disabledAtMs === null
  const problem = verb === null ? null : mutations[verb].error
  return (
    <SidePanel
      isOpen
      onClose={onClose}
      title={person.name}
      mark={<StateMark tone={personState(person).tone}>{personState(person).word}</StateMark>}
      footer={
        <div className="flex flex-wrap gap-2">
          {role !== person.role && (
            <Button kind="primary" onClick={open('role')}>
              Make {role}…
            </Button>
          )}
          <Button disabled={person.sessionCount === 0} onClick={open('end-sessions')}>
            End sessions…
          </Button>
          {!isOneself && <Button onClick={open('enable')}>{isActive ? 'New password…' : 'Let in again…'}</Button>}
          {isActive && (
            <Button kind="danger" className="ml-auto" onClick={open('disable')}>
              Deactivate…
            </Button>
          )}
        </div>
      }
    >
      {enable.data !== undefined && (
        <div className="mb-4">
          <OneTimePassword login={person.login} password={enable.data.oneTimePassword} />
        </div>
      )}
      <FactList>
        <Fact name="Login">{person.login}</Fact>
        <Fact name="Added">
          <MomentText atMs={person.createdAtMs} />
        </Fact>
        {person.disabledAtMs !== null && (
          <Fact name="Deactivated">
            <MomentText atMs={person.disabledAtMs} />
          </Fact>
        )}
        <Fact name="Sessions">
          {formatCount(person.sessionCount)}
          {person.lastSeenAtMs !== null && (
            <>
              , last seen <MomentText atMs={person.lastSeenAtMs} as="distance" />
            </>
          )}
        </Fact>
      </FactList>
      <div className="mt-4">
        <RoleField value={role} onChange={setRole} />
      </div>
      {verb !== null && (
        <ReasonDialog
          {...wordsOf(verb, person, role)}
          isReasonNeeded
          isBusy={mutations[verb].isPending}
          problem={problem === null ? null : <FailureNote error={problem} />}
          onClose={() => setVerb(null)}
          onConfirm={confirm}
        />
      )}
    </SidePanel>
  )
}

function wordsOf(verb: Verb, { name, role: before, sessionCount }: PersonRow, role: string) {
  switch (verb) {
    case 'role':
      return {
        title: `Make ${name} ${role}`,
        consequence: `${name} is ${before} now. The new role holds from their next request on, without signing in again.`,
        act: 'Change the role',
        kind: 'primary' as const,
      }
    case 'disable':
      return {
        title: `Deactivate ${name}`,
        consequence: `${name} is signed out everywhere at once and cannot sign in any more. What they did stays on the record.`,
        act: 'Deactivate',
        kind: 'danger' as const,
      }
    case 'enable':
      return {
        title: `A new password for ${name}`,
        consequence: `The old password is void, and so are all sessions. A one-time password is shown to you, once.`,
        act: 'Make a one-time password',
        kind: 'primary' as const,
      }
    case 'end-sessions':
      return {
        title: `End the sessions of ${name}`,
        consequence: `${name} is signed out of ${sessionCount === 1 ? 'one session' : `${sessionCount} sessions`} and may sign in again.`,
        act: 'End sessions',
        kind: 'danger' as const,
      }
  }
}
