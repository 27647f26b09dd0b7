import { parseArgs } from 'node:util'
import { BROKER_CHOICES, type BrokerChoice } from './choose-broker.ts'
import { Trouble } from './trouble.ts'

export interface StartOptions {
  readonly isFresh: boolean
  readonly hasDemo: boolean
  readonly broker: BrokerChoice | null
}

export const START_HELP = `npm start -- [--fresh] [--no-demo] [--broker ${BROKER_CHOICES.join('|')}]`

/** @throws Trouble that names what it does not know */
export function parseStartOptions(args: readonly string[]): StartOptions {
  try {
    const { values } = parseArgs({
      args: [...args],
      allowNegative: true,
      options: { fresh: { type: 'boolean' }, demo: { type: 'boolean' }, broker: { type: 'string' } },
    })
    const broker = BROKER_CHOICES.find((choice) => choice === values.broker) ?? null
    if (values.broker !== undefined && broker === null) throw new Error(`there is no broker "${values.broker}"`)
    return { isFresh: values.fresh ?? false, hasDemo: values.demo ?? true, broker }
  } catch (cause) {
    throw new Trouble(cause instanceof Error ? cause.message : String(cause), `use: ${START_HELP}`, { cause })
  }
}
