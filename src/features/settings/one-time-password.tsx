import { CodeBox } from '#ui/code-box.tsx'
import { CopyButton } from '#ui/copy-button.tsx'
import { Note } from '#ui/note.tsx'

/** The password that is told once, to be handed over. */
export function OneTimePassword({ login, password }: { readonly login: string; readonly password: string }) {
  return (
    <div className="flex flex-col gap-2.5">
      <Note tone="active" title="One-time password, shown only now">
        Hand it to {login} in person or through a safe channel. It has to be replaced at the first sign-in; only a hash
        of it is kept here.
      </Note>
      <div className="flex flex-wrap items-start gap-2">
        <CodeBox label="One-time password" text={password} className="min-w-60 flex-1" />
        <CopyButton text={password} label="Copy the one-time password" />
      </div>
    </div>
  )
}
