export { openRabbitmqBroker } from '#brokers/rabbitmq/rabbitmq-broker.ts'
