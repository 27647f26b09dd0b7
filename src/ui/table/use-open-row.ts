'use client'
import { parseAsString, useQueryState } from 'nuqs'

export interface OpenRow {
  readonly openId: string | null
  readonly open: (id: string) => void
  readonly close: () => void
}

/** The row whose details are open, as it stands in the address under `name`; null when none is. */
export function useOpenRow(name: string): OpenRow {
  const [openId, setOpenId] = useQueryState(name, parseAsString)
  return {
    openId,
    open: (id: string) => void setOpenId(id),
    close: () => void setOpenId(null),
  }
}
