export { openSqsBroker } from '#brokers/sqs/sqs-broker.ts'
