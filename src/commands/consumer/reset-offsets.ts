import { defineCommand } from '#commands/command.ts'
import { askForReset, resetInput } from '#commands/consumer/ask-for-reset.ts'

/**
 * Sets the positions of a group as a dry run has shown it. A collector does it once, if the group still has no members and
 * stands where it stood then.
 */
export const resetOffsets = defineCommand({
  name: 'consumer.reset-offsets',
  permission: 'consumer:control',
  input: resetInput,
  run: (scope, input) => askForReset(scope, input, 'reset-offsets'),
})
