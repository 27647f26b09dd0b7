/** Of a whole file: what a browser still uploads in one go, and what one operation is still looked through. */
export const MAX_IMPORT_BYTES = 100_000_000
export const MAX_IMPORT_MESSAGES = 100_000
/** Of one line: more than any broker takes as one message, in base64. */
export const MAX_IMPORT_LINE_BYTES = 8 * 1024 * 1024
/** Lines that are refused one by one before the rest of the file is not read any more. */
export const MAX_IMPORT_PROBLEMS = 20
/** An uploaded file waits this long for its plan. */
export const IMPORT_WAIT_MS = 86_400_000
