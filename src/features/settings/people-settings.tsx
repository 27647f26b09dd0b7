'use client'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import type { RouterOutputs } from '#trpc/router-types.ts'
import { useTRPC } from '#trpc/use-trpc.ts'
import { Button } from '#ui/button.tsx'
import { formatPlural } from '#ui/format/number.ts'
import { MomentText } from '#ui/moment-text.tsx'
import { StateMark } from '#ui/state-mark.tsx'
import type { ListColumn } from '#ui/table/list-column.ts'
import { useOpenRow } from '#ui/table/use-open-row.ts'
import { FetchedList } from '#features/failure/fetched-list.tsx'
import { InviteDialog } from '#features/settings/invite-dialog.tsx'
import { PersonPanel } from '#features/settings/person-panel.tsx'
import { personState } from '#features/settings/person-words.ts'

export type PersonRow = RouterOutputs['person']['list']['people'][number]

const COLUMNS: readonly ListColumn<PersonRow>[] = [
  {
    id: 'name',
    header: 'Person',
    cell: ({ name, login }) => (
      <div className="wrap-anywhere-safe">
        <b>{name}</b>
        <div className="text-sm text-ink-3">{login}</div>
      </div>
    ),
  },
  { id: 'role', header: 'Role', className: 'w-28', cell: ({ role }) => role },
  {
    id: 'state',
    header: 'State',
    className: 'w-36',
    cell: (person) => <StateMark tone={personState(person).tone}>{personState(person).word}</StateMark>,
  },
  {
    id: 'sessions',
    header: 'Signed in',
    className: 'hidden w-44 @2xl:table-cell',
    cell: ({ sessionCount, lastSeenAtMs }) =>
      sessionCount === 0 ? (
        <span className="text-ink-3">no</span>
      ) : (
        <>
          {formatPlural(sessionCount, 'session')}
          {lastSeenAtMs !== null && (
            <div className="text-sm text-ink-3">
              seen <MomentText atMs={lastSeenAtMs} as="distance" />
            </div>
          )}
        </>
      ),
  },
]

/** Who may sign in, and as what. */
export function PeopleSettings() {
  const trpc = useTRPC()
  const details = useOpenRow('person')
  const [isInviting, setIsInviting] = useState(false)
  const list = useQuery({
    ...trpc.person.list.queryOptions(),
    refetchInterval: 10_000,
    placeholderData: keepPreviousData,
  })
  const opened = list.data?.people.find(({ id }) => id === details.openId)
  return (
    <>
      <FetchedList
        query={list}
        rowsOf={({ people }) => people}
        title="People"
        note={
          <Button
            size="small"
            kind="primary"
            icon={<Plus size={12} aria-hidden="true" />}
            onClick={() => setIsInviting(true)}
          >
            Invite
          </Button>
        }
        label="People"
        expected={4}
        empty={{ title: 'Nobody yet', text: 'Whoever is invited stands here, with what they may do.' }}
        columns={COLUMNS}
        rowId={({ id }) => id}
        details={details}
      />
      {isInviting && <InviteDialog onClose={() => setIsInviting(false)} />}
      {opened !== undefined && <PersonPanel key={opened.id} person={opened} onClose={details.close} />}
    </>
  )
}
