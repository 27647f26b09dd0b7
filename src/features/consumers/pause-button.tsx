'use client'
import { CirclePause } from 'lucide-react'
import { useState } from 'react'
import { Button } from '#ui/button.tsx'
import type { ConsumerDetail } from '#features/consumers/consumer-page.tsx'
import { PauseDialog } from '#features/consumers/pause-dialog.tsx'
import type { PauseInfo } from '#features/consumers/pause-says.ts'
import { useMay } from '#features/session/person-context.ts'

interface PauseButtonProps {
  readonly consumer: ConsumerDetail
  readonly info: PauseInfo
}

/** Opens the question how long a group shall stand still; away for those who may not, and while it is paused. */
export function PauseButton({ consumer, info }: PauseButtonProps) {
  const mayControl = useMay('consumer:control')
  const [isOpen, setIsOpen] = useState(false)
  const isPaused = info.pause !== null && info.pause.endedAtMs === null
  if (!mayControl || isPaused || info.kinds.length === 0) return null
  return (
    <>
      <Button icon={<CirclePause size={14} aria-hidden="true" />} onClick={() => setIsOpen(true)}>
        Pause…
      </Button>
      {isOpen && <PauseDialog consumer={consumer} info={info} onClose={() => setIsOpen(false)} />}
    </>
  )
}
