import { join } from 'node:path'
import type { RunningProcess } from './child-process.ts'
import { canRunDocker, startDockerKafka } from './servers/docker-kafka.ts'
import { canRunKafka, KAFKA_VERSION } from './servers/kafka-installation.ts'
import { startKafka } from './servers/kafka.ts'
import type { BrokerState } from './run-state.ts'
import { Trouble } from './trouble.ts'

/** What `--broker` may ask for; without it the first that works is taken, in this order. */
export const BROKER_CHOICES = ['given', 'docker', 'kafka', 'pgqueue'] as const
export type BrokerChoice = (typeof BROKER_CHOICES)[number]

export interface BrokerPlan {
  readonly choice: BrokerChoice
  readonly state: BrokerState
  /** Brings the broker up; null where there is nothing to start. */
  readonly start: (() => Promise<RunningProcess>) | null
  /** One line for each way to a broker: whether it works here, and if not, why. */
  readonly banner: readonly string[]
}

interface Candidate {
  readonly name: string
  readonly refusal: string | null
  readonly plan: () => Omit<BrokerPlan, 'banner' | 'choice'>
}

/**
 * Decides which broker this start uses: the given one, Kafka in Docker, Kafka on this machine's Java, or queues in
 * Postgres, which work everywhere.
 * @throws Trouble when `asked` cannot be had here
 */
export function chooseBroker(
  asked: BrokerChoice | null,
  options: { readonly dataFolder: string; readonly port: number; readonly kafkaBrokers: string | undefined },
): BrokerPlan {
  const candidates: Readonly<Record<BrokerChoice, Candidate>> = {
    given: givenKafka(options.kafkaBrokers),
    docker: dockerKafka(options),
    kafka: javaKafka(options),
    pgqueue: { name: 'queues in Postgres', refusal: null, plan: planPostgresQueues },
  }
  const choice = asked ?? BROKER_CHOICES.find((one) => candidates[one].refusal === null) ?? 'pgqueue'
  const chosen = candidates[choice]
  if (chosen.refusal !== null) {
    throw new Trouble(`${chosen.name} cannot be used: ${chosen.refusal}`, 'leave --broker out to take what works here')
  }
  return {
    ...chosen.plan(),
    choice,
    banner: BROKER_CHOICES.map((one) => describe(one, candidates[one], one === choice)),
  }
}

function describe(choice: BrokerChoice, candidate: Candidate, isChosen: boolean): string {
  const name = candidate.name.padEnd(24)
  if (isChosen) return `${name} in use`
  return candidate.refusal === null
    ? `${name} possible: npm start -- --broker ${choice}`
    : `${name} no: ${candidate.refusal}`
}

function givenKafka(addresses: string | undefined): Candidate {
  const brokers = (addresses ?? '').split(',').flatMap((one) => (one.trim() === '' ? [] : [one.trim()]))
  return {
    name: 'your Kafka',
    refusal: brokers.length > 0 ? null : 'KAFKA_BROKERS is not set',
    plan: () => ({
      state: { kind: 'kafka', how: 'the Kafka of KAFKA_BROKERS', clusterId: 'kafka', brokers },
      start: null,
    }),
  }
}

function dockerKafka(options: { dataFolder: string; port: number }): Candidate {
  const runnable = canRunDocker()
  const logFile = join(options.dataFolder, 'log', 'kafka.log')
  return {
    name: 'Kafka in Docker',
    refusal: runnable.ok ? null : runnable.reason,
    plan: () => ({
      state: localKafka(`apache/kafka:${KAFKA_VERSION} in Docker`, options.port),
      start: () => startDockerKafka({ dataFolder: options.dataFolder, port: options.port, logFile }),
    }),
  }
}

function javaKafka(options: { dataFolder: string; port: number }): Candidate {
  const runnable = canRunKafka()
  const logFile = join(options.dataFolder, 'log', 'kafka.log')
  return {
    name: 'Kafka on Java',
    refusal: runnable.ok ? null : runnable.reason,
    plan: () => ({
      state: localKafka(`Apache Kafka ${KAFKA_VERSION} on this machine's Java`, options.port),
      start: () => startKafka({ folder: join(options.dataFolder, 'kafka'), port: options.port, logFile }),
    }),
  }
}

const localKafka = (how: string, port: number): BrokerState => ({
  kind: 'kafka',
  how,
  clusterId: 'kafka',
  brokers: [`127.0.0.1:${port}`],
})

const planPostgresQueues = (): Omit<BrokerPlan, 'banner' | 'choice'> => ({
  state: {
    kind: 'pgqueue',
    how: 'pg-boss queues in the same Postgres',
    clusterId: 'postgres-queues',
    schema: 'pgboss',
  },
  start: null,
})
