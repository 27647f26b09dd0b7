/** The line that goes through. */
export function Brand() {
  return (
    <span className="flex items-center gap-2 font-semibold">
      <svg viewBox="0 0 20 20" width={20} height={20} fill="none" aria-hidden="true">
        <path
          d="M2 10h5l2-5 3 10 2-5h4"
          stroke="var(--accent)"
          strokeWidth={2}
          strokeLinecap="round"
          strokeLinejoin="round"
        />
      </svg>
      Throughline
    </span>
  )
}
