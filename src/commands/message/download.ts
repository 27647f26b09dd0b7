import { z } from 'zod'
import { defineCommand } from '#commands/command.ts'

const name = z.string().min(1).max(300)
const input = z.object({ clusterId: name, destination: name, position: name })

/** Puts on record that the payload of a message leaves, unmasked; it is read from its broker afterwards. */
export const downloadMessage = defineCommand({
  name: 'message.download',
  permission: 'payload:export',
  input,
  run: async (_scope, { clusterId, destination, position }) => ({
    result: null,
    target: `message:${clusterId}/${destination} ${position}`,
  }),
})
