export { openPgqueueBroker } from '#brokers/pgqueue/pgqueue-broker.ts'
