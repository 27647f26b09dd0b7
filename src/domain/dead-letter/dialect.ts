/** How one framework writes down why a message died. Header names are lower case; the first that is there counts. */
export interface Dialect {
  readonly name: string
  /** Any of these headers makes a message one of this dialect. */
  readonly marks: readonly string[]
  readonly destination: readonly string[]
  readonly partition?: readonly string[]
  readonly offset?: readonly string[]
  readonly timestamp?: readonly string[]
  readonly group?: readonly string[]
  /** What stands before the header's value in the group's name. */
  readonly groupPrefix?: string
  readonly attempts?: readonly string[]
  /** What to subtract: Spring's retry topics count the delivery to come. */
  readonly attemptsAhead?: { readonly names: readonly string[]; readonly by: number }
  /** The business exception where it is told apart from the wrapper. */
  readonly causeClass?: readonly string[]
  readonly exceptionClass?: readonly string[]
  readonly message?: readonly string[]
  readonly stack?: readonly string[]
  /** What a redrive must not carry along: exact names, and prefixes that end in `*`. */
  readonly strips: readonly string[]
}

const SPRING_BASES = ['kafka_dlt-', 'kafka_']
const spring = (suffix: string) => SPRING_BASES.map((base) => `${base}${suffix}`)

/** Most telling first: a message that carries several dialects is read in the first one. */
export const DIALECTS: readonly Dialect[] = [
  {
    name: 'spring-kafka',
    marks: [
      ...spring('original-topic'),
      ...spring('exception-fqcn'),
      ...spring('key-exception-fqcn'),
      'retry_topic-attempts',
    ],
    destination: spring('original-topic'),
    partition: spring('original-partition'),
    offset: spring('original-offset'),
    timestamp: [...spring('original-timestamp'), 'retry_topic-original-timestamp'],
    group: spring('original-consumer-group'),
    attempts: ['kafka_deliveryattempt'],
    attemptsAhead: { names: ['retry_topic-attempts'], by: 1 },
    causeClass: [...spring('exception-cause-fqcn'), ...spring('key-exception-cause-fqcn')],
    exceptionClass: [...spring('exception-fqcn'), ...spring('key-exception-fqcn')],
    message: [...spring('exception-message'), ...spring('key-exception-message')],
    stack: [...spring('exception-stacktrace'), ...spring('key-exception-stacktrace')],
    // A dead letter of @RetryableTopic that keeps its retry_topic-* headers skips every retry and dies again at once.
    strips: [
      'retry_topic-*',
      'kafka_dlt-*',
      'kafka_original-*',
      'kafka_exception-*',
      'kafka_key-exception-*',
      'kafka_deliveryattempt',
      'springdeserializerexception*',
    ],
  },
  {
    name: 'spring-cloud-stream',
    marks: ['x-original-topic', 'x-exception-fqcn'],
    destination: ['x-original-topic'],
    partition: ['x-original-partition'],
    offset: ['x-original-offset'],
    timestamp: ['x-original-timestamp'],
    exceptionClass: ['x-exception-fqcn'],
    message: ['x-exception-message'],
    stack: ['x-exception-stacktrace'],
    strips: ['x-original-*', 'x-exception-*'],
  },
  {
    name: 'kafka-connect',
    marks: ['__connect.errors.topic', '__connect.errors.exception.class.name'],
    destination: ['__connect.errors.topic'],
    partition: ['__connect.errors.partition'],
    offset: ['__connect.errors.offset'],
    group: ['__connect.errors.connector.name'],
    groupPrefix: 'connect-',
    exceptionClass: ['__connect.errors.exception.class.name'],
    message: ['__connect.errors.exception.message'],
    stack: ['__connect.errors.exception.stacktrace'],
    strips: ['__connect.errors.*'],
  },
  {
    name: 'kafka-streams',
    marks: ['__streams.errors.topic', '__streams.errors.exception'],
    destination: ['__streams.errors.topic'],
    partition: ['__streams.errors.partition'],
    offset: ['__streams.errors.offset'],
    exceptionClass: ['__streams.errors.exception'],
    message: ['__streams.errors.message'],
    stack: ['__streams.errors.stacktrace'],
    strips: ['__streams.errors.*'],
  },
  {
    name: 'kafka-share-group',
    marks: ['__dlq.errors.topic', '__dlq.errors.group'],
    destination: ['__dlq.errors.topic'],
    partition: ['__dlq.errors.partition'],
    offset: ['__dlq.errors.offset'],
    group: ['__dlq.errors.group'],
    attempts: ['__dlq.errors.delivery.count'],
    message: ['__dlq.errors.message'],
    strips: ['__dlq.errors.*'],
  },
  {
    name: 'smallrye',
    marks: ['dead-letter-topic', 'dead-letter-reason', 'dead-letter-exception-class-name'],
    destination: ['dead-letter-topic'],
    partition: ['dead-letter-partition'],
    offset: ['dead-letter-offset'],
    causeClass: ['dead-letter-cause-class-name'],
    exceptionClass: ['dead-letter-exception-class-name'],
    message: ['dead-letter-cause', 'dead-letter-reason'],
    strips: ['dead-letter-*'],
  },
  {
    name: 'watermill',
    marks: ['reason_poisoned', 'topic_poisoned'],
    destination: ['topic_poisoned'],
    group: ['subscriber_poisoned', 'handler_poisoned'],
    message: ['reason_poisoned'],
    strips: ['reason_poisoned', 'topic_poisoned', 'handler_poisoned', 'subscriber_poisoned'],
  },
  {
    name: 'masstransit',
    marks: ['mt-fault-inputaddress', 'mt-fault-exceptiontype', 'mt-fault-message'],
    destination: ['mt-fault-inputaddress'],
    timestamp: ['mt-fault-timestamp'],
    group: ['mt-fault-consumertype'],
    attempts: ['mt-fault-retrycount'],
    exceptionClass: ['mt-fault-exceptiontype'],
    message: ['mt-fault-message'],
    stack: ['mt-fault-stacktrace'],
    strips: ['mt-fault-*', 'mt-reason', 'mt-host-*'],
  },
  {
    name: 'nservicebus',
    marks: ['nservicebus.failedq', 'nservicebus.exceptioninfo.exceptiontype'],
    destination: ['nservicebus.failedq'],
    timestamp: ['nservicebus.timeoffailure'],
    group: ['nservicebus.processingendpoint'],
    attempts: ['nservicebus.retries'],
    causeClass: ['nservicebus.exceptioninfo.innerexceptiontype'],
    exceptionClass: ['nservicebus.exceptioninfo.exceptiontype'],
    message: ['nservicebus.exceptioninfo.message'],
    stack: ['nservicebus.exceptioninfo.stacktrace'],
    strips: [
      'nservicebus.exceptioninfo.*',
      'nservicebus.failedq',
      'nservicebus.timeoffailure',
      'nservicebus.retries*',
      'nservicebus.flretries',
    ],
  },
  {
    name: 'pubsub',
    marks: ['cloudpubsubdeadlettersourcesubscription'],
    destination: ['cloudpubsubdeadlettersourcesubscription'],
    timestamp: ['cloudpubsubdeadlettersourcetopicpublishtime'],
    group: ['cloudpubsubdeadlettersourcesubscription'],
    attempts: ['cloudpubsubdeadlettersourcedeliverycount'],
    message: ['cloudpubsubdeadlettersourcedeliveryerrormessage'],
    strips: ['cloudpubsubdeadlettersource*'],
  },
  {
    name: 'service-bus',
    marks: ['deadletterreason'],
    destination: ['deadlettersource'],
    attempts: ['deliverycount'],
    exceptionClass: ['deadletterreason'],
    message: ['deadlettererrordescription'],
    strips: ['deadletterreason', 'deadlettererrordescription', 'deadlettersource'],
  },
  {
    name: 'sqs',
    marks: ['deadletterqueuesourcearn'],
    destination: ['deadletterqueuesourcearn'],
    attempts: ['approximatereceivecount'],
    strips: ['deadletterqueuesourcearn', 'approximatereceivecount', 'approximatefirstreceivetimestamp'],
  },
  {
    name: 'pulsar',
    marks: ['real_topic', 'reconsumetimes'],
    destination: ['real_topic'],
    group: ['real_subscription'],
    attempts: ['reconsumetimes'],
    strips: [
      'real_topic',
      'real_subscription',
      'reconsumetimes',
      'delay_time',
      'origin_message_idy_time',
      'origin_message_id',
    ],
  },
  {
    name: 'rabbitmq',
    marks: ['x-death', 'x-first-death-queue', 'x-first-death-reason'],
    destination: ['x-last-death-queue', 'x-first-death-queue'],
    // A queue's consumers are its one group.
    group: ['x-last-death-queue', 'x-first-death-queue'],
    message: ['x-last-death-reason', 'x-first-death-reason'],
    strips: ['x-death', 'x-first-death-*', 'x-last-death-*', 'x-delivery-count', 'x-opt-deaths'],
  },
]
