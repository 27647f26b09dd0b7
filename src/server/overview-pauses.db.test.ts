import { expect, test } from 'vitest'
import { insertPause, writePauseVerdict } from '#db/store/pause-store.ts'
import { useTestDatabase } from '#db/test-database.ts'
import { readOverview } from '#server/read-overview.ts'
import { knownNothing } from '#server/test-telemetry.ts'
import { openTestWeb } from '#server/test-web.ts'

const client = useTestDatabase()

test('a pause of which something else is seen than was asked needs attention until it is mended', async () => {
  const { database } = client()
  const { runtime } = openTestWeb(database, knownNothing)
  const wish = { clusterId: 'k1', kind: 'cooperative', forMs: 60_000, reason: 'the bank is away' } as const
  const asked = { ...wish, askedByName: 'Ada' }
  const deaf = await insertPause(database, { ...asked, group: 'deaf' })
  await insertPause(database, { ...asked, group: 'obedient' })
  const says = async () => {
    const { attention } = await readOverview(runtime)
    return attention.filter(({ kind }) => kind === 'pause').map(({ title, detail, href }) => [title, detail, href])
  }
  await writePauseVerdict(database, deaf, { standing: 'not-obeyed', isAlert: true, sentence: 'It takes messages.' })
  expect(await says()).toEqual([['The pause of deaf is not obeyed', 'It takes messages.', '/consumers/k1/deaf']])
  await writePauseVerdict(database, deaf, { standing: 'in-force', isAlert: false, sentence: 'It stands still.' })
  expect(await says()).toEqual([])
})
