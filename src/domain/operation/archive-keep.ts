/** How long a discarded message can be restored from our archive. */
export const ARCHIVE_KEEP_MS = 30 * 86_400_000
