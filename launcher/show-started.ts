import { dataFolder } from './folders.ts'
import type { FirstOwner } from '#server/first-owner.ts'
import type { RunState } from './run-state.ts'
import { say } from './show-progress.ts'

/** The last words of a start: where it is, how to sign in, what it listens on, which brokers there are. */
export function showStarted(state: RunState, owner: FirstOwner | null, brokers: readonly string[]): void {
  console.log(`\n  Throughline is running:  ${state.url}\n`)
  if (owner === null) say('sign in', 'with the account you have')
  else if (owner.oneTimePassword === null) say('sign in', `as ${owner.login}, with THROUGHLINE_OWNER_PASSWORD`)
  else {
    say('sign in', `as ${owner.login}, with the one-time password ${owner.oneTimePassword}`)
    say('', '(shown once; you choose your own password then)')
  }
  say('telemetry', `OTLP over HTTP ${state.otlpHttpUrl}, over gRPC ${state.otlpGrpcAddress}`)
  if (state.demoUrl !== null) say('demo shop', `${state.demoUrl} (its bug and its slow consumer have switches there)`)
  for (const [index, line] of brokers.entries()) say(index === 0 ? 'brokers' : '', line)
  say('kept in', `${dataFolder()} (data, secrets, log/); npm start -- --fresh begins anew`)
  console.log('\n  Ctrl-C stops everything.\n')
}
