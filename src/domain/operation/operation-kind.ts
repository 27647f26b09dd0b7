/** `redrive` sends copies; `discard` keeps the messages in our archive and takes them out of the inbox. */
export const OPERATION_KINDS = ['redrive', 'discard'] as const
export type OperationKind = (typeof OPERATION_KINDS)[number]
