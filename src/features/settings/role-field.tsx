'use client'
import { ROLES, type Role } from '#domain/access/role.ts'
import { FilterChips } from '#ui/filter-chips.tsx'
import { ROLE_WORDS } from '#features/settings/person-words.ts'

interface RoleFieldProps {
  readonly value: Role
  readonly onChange: (role: Role) => void
}

/** One of the four roles, with what it may do. */
export function RoleField({ value, onChange }: RoleFieldProps) {
  return (
    <div>
      <div className="mb-1 text-sm text-ink-2">Role</div>
      <FilterChips
        label="Role"
        chips={ROLES.map((role) => ({ id: role, label: role }))}
        value={value}
        onChange={(id) => {
          const role = ROLES.find((known) => known === id)
          if (role !== undefined) onChange(role)
        }}
      />
      <p className="mt-1 text-sm text-ink-3" aria-live="polite">
        {value.charAt(0).toUpperCase() + value.slice(1)}: {ROLE_WORDS[value]}.
      </p>
    </div>
  )
}
