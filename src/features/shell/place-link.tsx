'use client'
import Link from 'next/link'
import { type ComponentProps, useState } from 'react'

/**
 * A link to one of the console's pages, fetched ahead once somebody points at it: fetching all of them whenever a page
 * opens would hold up the page itself.
 */
export function PlaceLink(props: ComponentProps<typeof Link>) {
  const [isMeant, setMeant] = useState(false)
  const mean = () => setMeant(true)
  return <Link {...props} prefetch={isMeant ? null : false} onPointerEnter={mean} onFocus={mean} />
}
