export type Theme = 'system' | 'dark' | 'light'

/** A cookie and not local storage, so that the first paint already has the right colours. */
export const THEME_COOKIE = 'throughline-theme'

export function parseTheme(text: string | undefined): Theme {
  return text === 'dark' || text === 'light' ? text : 'system'
}

/** Applies the theme to the open page and keeps it for a year. */
export function chooseTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
  document.cookie = `${THEME_COOKIE}=${theme}; path=/; max-age=31536000; samesite=lax`
}
