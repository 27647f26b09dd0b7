'use client'
import dynamic from 'next/dynamic'
import { parseAsStringLiteral, useQueryState } from 'nuqs'
import type { ReactNode } from 'react'
import type { Permission } from '#domain/access/role.ts'
import { PageHead } from '#ui/page-head.tsx'
import { SectionSkeleton } from '#ui/section-skeleton.tsx'
import { Tabs } from '#ui/tabs.tsx'
import { usePerson } from '#features/session/person-context.ts'
import { ClusterSettings } from '#features/settings/cluster-settings.tsx'

// Only the section that is shown is fetched.
const CorrelationSettings = dynamic(
  async () => (await import('#features/settings/correlation-settings.tsx')).CorrelationSettings,
  { loading: SectionSkeleton },
)
const ExpectedTimes = dynamic(async () => (await import('#features/settings/expected-times.tsx')).ExpectedTimes, {
  loading: SectionSkeleton,
})
const ApprovalSettings = dynamic(
  async () => (await import('#features/settings/approval-settings.tsx')).ApprovalSettings,
  {
    loading: SectionSkeleton,
  },
)
const PeopleSettings = dynamic(async () => (await import('#features/settings/people-settings.tsx')).PeopleSettings, {
  loading: SectionSkeleton,
})
const SearchSettings = dynamic(async () => (await import('#features/settings/search-settings.tsx')).SearchSettings, {
  loading: SectionSkeleton,
})

const IDS = ['clusters', 'correlation', 'expected', 'search', 'approvals', 'people'] as const

interface Section {
  readonly id: (typeof IDS)[number]
  readonly label: string
  /** Without it the section is not shown; who may change what is in it is decided there. */
  readonly permission: Permission
  readonly content: ReactNode
}

const SECTIONS: readonly Section[] = [
  { id: 'clusters', label: 'Clusters', permission: 'telemetry:read', content: <ClusterSettings /> },
  { id: 'correlation', label: 'Correlation', permission: 'telemetry:read', content: <CorrelationSettings /> },
  { id: 'expected', label: 'Expected times', permission: 'telemetry:read', content: <ExpectedTimes /> },
  { id: 'search', label: 'Search', permission: 'telemetry:read', content: <SearchSettings /> },
  { id: 'approvals', label: 'Approvals', permission: 'telemetry:read', content: <ApprovalSettings /> },
  { id: 'people', label: 'People', permission: 'person:manage', content: <PeopleSettings /> },
]

/** How this installation is set up, by section; each section is a link of its own. */
export function SettingsPage() {
  const person = usePerson()
  const [tab, setTab] = useQueryState('tab', parseAsStringLiteral(IDS).withDefault('clusters'))
  const shown = SECTIONS.filter(({ permission }) => person?.permissions.includes(permission))
  return (
    <>
      <PageHead
        title="Settings"
        sentence="What this installation watches and how it reads what it sees. Every change is on the record."
      />
      <Tabs
        label="Settings"
        value={shown.some(({ id }) => id === tab) ? tab : 'clusters'}
        onChange={(next) => void setTab(IDS.find((id) => id === next) ?? null)}
        entries={shown}
      />
    </>
  )
}
