'use client'
import { useMutation } from '@tanstack/react-query'
import { FileUp } from 'lucide-react'
import { useId } from 'react'
import { MAX_IMPORT_BYTES } from '#domain/import/import-limits.ts'
import { classNames } from '#ui/class-names.ts'
import { formatBytes, formatPlural } from '#ui/format/number.ts'
import { MomentText } from '#ui/moment-text.tsx'
import { Note } from '#ui/note.tsx'
import { TextLink } from '#ui/text-link.tsx'
import { operationPath } from '#features/operations/operation-path.ts'
import { operationName } from '#features/operations/operation-words.ts'
import { uploadFile, UploadRefusal, type UploadedFile } from '#features/operations/upload-file.ts'

interface ImportFileFieldProps {
  readonly file: UploadedFile | null
  readonly onFile: (file: UploadedFile | null) => void
}

/** Takes a file, shows what came in, and which of its lines are no messages. */
export function ImportFileField({ file, onFile }: ImportFileFieldProps) {
  const id = useId()
  const upload = useMutation({ mutationFn: uploadFile, onSuccess: onFile })
  const refusal = upload.error
  return (
    <div className="flex flex-col gap-2">
      <label
        htmlFor={id}
        className={classNames(
          'relative flex min-h-20 cursor-pointer flex-col items-center justify-center gap-1 rounded-md border border-dashed border-line bg-sunken px-3 py-3 text-center hover:border-ink-3 has-focus-visible:outline-2 has-focus-visible:outline-accent',
          upload.isPending && 'opacity-60',
        )}
      >
        <span className="flex items-center gap-1.5 font-semibold">
          <FileUp size={14} aria-hidden="true" />
          {upload.isPending ? 'Reading the file…' : file === null ? 'Choose a file of messages' : 'Choose another file'}
        </span>
        <span className="text-sm text-ink-3">
          JSON Lines as an export writes them, up to {formatBytes(MAX_IMPORT_BYTES)}
        </span>
        <input
          id={id}
          type="file"
          accept=".jsonl,.ndjson,application/jsonl,application/x-ndjson"
          disabled={upload.isPending}
          className="absolute inset-0 cursor-pointer opacity-0"
          onChange={(event) => {
            const [chosen] = event.target.files ?? []
            if (chosen === undefined) return
            onFile(null)
            upload.mutate(chosen)
            event.target.value = ''
          }}
        />
      </label>
      {refusal !== null && <Refusal refusal={refusal} />}
      {file !== null && <TakenFile file={file} name={upload.variables?.name ?? 'The file'} />}
    </div>
  )
}

function Refusal({ refusal }: { readonly refusal: Error }) {
  const problems = refusal instanceof UploadRefusal ? refusal.problems : []
  return (
    <Note tone="bad" isAlert title="The file is not taken">
      {refusal.message.charAt(0).toUpperCase() + refusal.message.slice(1)}
      {problems.length > 0 && (
        <ul className="mt-1 flex flex-col gap-0.5">
          {problems.map(({ line, problem }) => (
            <li key={line}>
              <span className="font-mono text-sm">line {line}</span>: {problem}
            </li>
          ))}
        </ul>
      )}
    </Note>
  )
}

function TakenFile({ file, name }: { readonly file: UploadedFile; readonly name: string }) {
  const [last] = file.earlier
  return (
    <>
      <Note tone="ok" title={<span className="wrap-anywhere-safe">{name}</span>}>
        {formatPlural(file.messageCount, 'message')} · {formatBytes(file.byteCount)}
        <div className="font-mono text-sm text-ink-3" title={file.sha256}>
          sha256 {file.sha256.slice(0, 12)}…
        </div>
      </Note>
      {last !== undefined && (
        <Note tone="warn" title="This very file has been imported before">
          <TextLink href={operationPath(last.operationId)}>{operationName(last.number)}</TextLink> to{' '}
          {last.target ?? 'the origins'} on {last.clusterId}, by {last.createdByName}{' '}
          <MomentText atMs={last.createdAtMs} />
          {file.earlier.length > 1 && `, and ${formatPlural(file.earlier.length - 1, 'time')} before that`}. What
          arrived then comes again.
        </Note>
      )}
    </>
  )
}
