import { dataFolder } from './folders.ts'
import { bringUpServers } from './bring-up-servers.ts'
import { bringUpProduct } from './bring-up-product.ts'
import { ownDataFolder, wipeDataFolder } from './own-data-folder.ts'
import { findRunning, removeRunState, writeRunState, type RunState } from './run-state.ts'
import { removeDockerKafka } from './servers/docker-kafka.ts'
import { showStarted } from './show-started.ts'
import { parseStartOptions } from './start-options.ts'
import { waitForStop } from './stop-signal.ts'
import { Supervisor } from './supervisor.ts'

/** Brings everything up, keeps it up until it is told to stop, and takes it down again. */
export async function runStart(mode: 'start' | 'dev', args: readonly string[]): Promise<number> {
  const options = parseStartOptions(args)
  const folder = dataFolder()
  const running = findRunning(folder)
  if (running !== null) {
    console.log(
      `\n  Throughline is already running: ${running.url} (pid ${running.pid}; stop it with: kill ${running.pid})`,
    )
    return 0
  }
  if (options.isFresh) {
    wipeDataFolder(folder)
    removeDockerKafka(folder)
  }
  ownDataFolder(folder)

  const stopping = waitForStop()
  let state: RunState | null = null
  const supervisor = new Supervisor((pids) => {
    if (state !== null) writeRunState(folder, { ...state, pids })
  })
  const bringUpAll = async () => {
    const servers = await bringUpServers(options, folder, supervisor)
    const state = await bringUpProduct({ mode, options, folder, servers, supervisor, signal: stopping.signal })
    return { state, servers }
  }
  try {
    // A stop that comes while something starts does not wait for it: the parts end with their parent.
    const started = await Promise.race([bringUpAll(), stopping.requested])
    if (started !== null) {
      state = started.state
      writeRunState(folder, state)
      showStarted(state, started.servers.owner, started.servers.broker.banner)
      process.send?.({ type: 'started', state, owner: started.servers.owner })
      await stopping.requested
    }
    console.log('\n  stopping')
    return 0
  } finally {
    await supervisor.stopAll()
    removeRunState(folder)
  }
}
