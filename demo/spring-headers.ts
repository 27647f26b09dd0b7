export interface FailedRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: string
  readonly timestampMs: number
  readonly group: string
}

const WRAPPER = 'org.springframework.kafka.listener.ListenerExecutionFailedException'

/**
 * The headers that spring-kafka's DeadLetterPublishingRecoverer adds, byte for byte in the same forms (partition int32,
 * offset and timestamp int64, big-endian; texts as UTF-8): the dialect that most Kafka shops have in their topics.
 */
export function springDeadLetterHeaders(failed: FailedRecord, error: Error): Record<string, Buffer> {
  const partition = Buffer.alloc(4)
  partition.writeInt32BE(failed.partition)
  const message = `Listener failed; ${error.message}`
  return {
    'kafka_dlt-exception-fqcn': Buffer.from(WRAPPER),
    'kafka_dlt-exception-cause-fqcn': Buffer.from(error.name),
    'kafka_dlt-exception-message': Buffer.from(message),
    'kafka_dlt-exception-stacktrace': Buffer.from(
      `${WRAPPER}: ${message}\nCaused by: ${error.stack ?? String(error)}\n`,
    ),
    'kafka_dlt-original-topic': Buffer.from(failed.topic),
    'kafka_dlt-original-partition': partition,
    'kafka_dlt-original-offset': int64(BigInt(failed.offset)),
    'kafka_dlt-original-timestamp': int64(BigInt(failed.timestampMs)),
    'kafka_dlt-original-timestamp-type': Buffer.from('CreateTime'),
    'kafka_dlt-original-consumer-group': Buffer.from(failed.group),
  }
}

function int64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64BE(value)
  return bytes
}
