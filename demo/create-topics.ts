import { connectKafka } from './connect-kafka.ts'
import { TOPICS } from './shop-broker.ts'

const HOUR_MS = 3_600_000
/** What a shop that runs for days may keep on disk: 64 MiB for each partition. */
const BOUNDED = [
  { name: 'retention.ms', value: String(24 * HOUR_MS) },
  { name: 'retention.bytes', value: String(64 * 1024 * 1024) },
  { name: 'segment.bytes', value: String(16 * 1024 * 1024) },
]
const DEAD_LETTERS = [{ name: 'retention.ms', value: String(7 * 24 * HOUR_MS) }]

/** Makes what is missing; topics that exist keep their settings. */
export async function createTopics(): Promise<void> {
  const admin = connectKafka('demo').admin()
  await admin.connect()
  try {
    await admin.createTopics({
      waitForLeaders: true,
      topics: [
        ...TOPICS.map((topic) => ({ topic, numPartitions: 3, configEntries: BOUNDED })),
        ...TOPICS.map((topic) => ({
          topic: `${topic}.DLT`,
          numPartitions: 3,
          configEntries: DEAD_LETTERS,
        })),
      ],
    })
  } finally {
    await admin.disconnect()
  }
}
