import type { RouterOutputs } from '#trpc/router-types.ts'

/** A file that has come in whole. */
export interface UploadedFile {
  readonly importId: string
  readonly sha256: string
  readonly byteCount: number
  readonly messageCount: number
  /** Operations that have sent the very same bytes. */
  readonly earlier: readonly EarlierImport[]
}

interface EarlierImport {
  readonly operationId: string
  readonly number: number
  readonly clusterId: string
  readonly target: string | null
  readonly state: RouterOutputs['operation']['get']['state']
  readonly createdByName: string
  readonly createdAtMs: number
}

export interface LineProblem {
  readonly line: number
  readonly problem: string
}

/** What the server says of a file that it does not take. */
export class UploadRefusal extends Error {
  readonly problems: readonly LineProblem[]
  constructor(message: string, problems: readonly LineProblem[]) {
    super(message)
    this.problems = problems
  }
}

/** Sends a file of messages. @throws UploadRefusal in words for people, whatever went wrong */
export async function uploadFile(file: File): Promise<UploadedFile> {
  const response = await fetch(`/api/imports?${new URLSearchParams({ name: file.name }).toString()}`, {
    method: 'POST',
    body: file,
  }).catch(() => null)
  if (response === null) throw new UploadRefusal('The connection broke before the file had come in whole.', [])
  const told: unknown = await response.json().catch(() => null)
  if (response.ok) return told as UploadedFile
  const refusal = (told ?? {}) as { readonly error?: string; readonly problems?: readonly LineProblem[] }
  throw new UploadRefusal(refusal.error ?? 'The server gave no reason.', refusal.problems ?? [])
}
