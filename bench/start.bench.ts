import { join } from 'node:path'
import { startInstance } from '../launcher/run-instance.ts'
import { runBench } from './bench-run.ts'

/** Seconds from `npm start` on a warm machine (built, broker fetched) to a URL that answers. */
await runBench('start', 3, async (bench) => {
  const folder = join(bench.folder, 'data')
  const timed = async (args: readonly string[]): Promise<number> => {
    const startedMs = performance.now()
    const instance = await startInstance({ folder, args })
    const seconds = (performance.now() - startedMs) / 1_000
    await instance.stop()
    return seconds
  }
  bench.show('first start of an empty folder, with the demo', `${(await timed([])).toFixed(1)} s`)
  const warm: number[] = []
  const lean: number[] = []
  for (let round = 0; round < bench.size; round += 1) {
    warm.push(await timed([]))
    lean.push(await timed(['--no-demo', '--broker', 'pgqueue']))
  }
  const value = Math.max(...warm)
  bench.show('warm start with the demo, slowest', `${value.toFixed(1)} s`)
  bench.show('warm start without demo and Kafka, slowest', `${Math.max(...lean).toFixed(1)} s`)
  return { value, unit: 's', baseline: Math.max(...lean), targetMax: 20 }
})
