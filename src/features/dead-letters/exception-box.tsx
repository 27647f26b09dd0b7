import { CodeBox } from '#ui/code-box.tsx'

interface ExceptionBoxProps {
  readonly exceptionClass: string | null
  readonly message: string | null
  readonly stack: string | null
}

/** What it died of: class, message, and the stack folded away. */
export function ExceptionBox({ exceptionClass, message, stack }: ExceptionBoxProps) {
  if (exceptionClass === null && message === null && stack === null) {
    return <p className="text-ink-2">Neither headers nor broker say what it died of.</p>
  }
  return (
    <div className="rounded-md border border-bad-line bg-bad-weak px-3 py-2.5">
      <div className="font-semibold wrap-anywhere-safe">{exceptionClass ?? 'Exception'}</div>
      {message !== null && <div className="text-ink-2 wrap-anywhere-safe">{message}</div>}
      {stack !== null && (
        <details className="mt-1.5">
          <summary className="cursor-pointer text-sm text-ink-2">Stack</summary>
          <CodeBox label="Stack" text={stack} isWrapped={false} className="mt-1.5 max-h-64" />
        </details>
      )}
    </div>
  )
}
