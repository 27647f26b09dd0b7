/** The few colours that mean something. Each has a shape of its own, so that colour never stands alone. */
export const TONES = ['ok', 'warn', 'bad', 'paused', 'active', 'unknown'] as const
export type Tone = (typeof TONES)[number]

/** Text colour of a tone. */
export const TONE_TEXT: Readonly<Record<Tone, string>> = {
  ok: 'text-ok',
  warn: 'text-warn',
  bad: 'text-bad',
  paused: 'text-pause',
  active: 'text-replay',
  unknown: 'text-ink-2',
}

/** Weak background of a tone, on which its text colour keeps 4.5:1. */
export const TONE_BACKGROUND: Readonly<Record<Tone, string>> = {
  ok: 'bg-ok-weak',
  warn: 'bg-warn-weak',
  bad: 'bg-bad-weak',
  paused: 'bg-pause-weak',
  active: 'bg-replay-weak',
  unknown: 'bg-panel-2',
}
