/**
 * `redrive` sends copies; `discard` keeps the messages in our archive and takes them out of the inbox; `import` sends the
 * messages of a file.
 */
export const OPERATION_KINDS = ['redrive', 'discard', 'import'] as const
export type OperationKind = (typeof OPERATION_KINDS)[number]
