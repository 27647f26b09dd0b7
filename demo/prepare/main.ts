import { isPgqueue } from '../demo-settings.ts'

/** Makes the topics or queues and ends; a process of its own, so that the parent holds no broker connection. */
if (isPgqueue()) {
  const { createQueues } = await import('../create-queues.ts')
  await createQueues()
} else {
  const { createTopics } = await import('../create-topics.ts')
  await createTopics()
}
