import { defineConfig } from '@playwright/test'
import { findChromium } from './e2e/support/find-chromium.ts'
import { BARE_STORIES, currentRound } from './e2e/support/round.ts'

const KEPT = '.cache/e2e'

export default defineConfig({
  testDir: './e2e',
  testMatch: '*.e2e.ts',
  // A folder for each round: Playwright empties it before it starts.
  outputDir: `${KEPT}/${currentRound()}`,
  globalSetup: './e2e/support/start-instance.ts',
  // One shop, one database: the specs tell one story after the other.
  workers: 1,
  fullyParallel: false,
  timeout: 240_000,
  expect: { timeout: 20_000 },
  reporter: [['list'], ['json', { outputFile: `${KEPT}/report.json` }]],
  use: {
    headless: true,
    viewport: { width: 1440, height: 900 },
    colorScheme: 'dark',
    screenshot: 'only-on-failure',
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: await findChromium(),
      args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    },
  },
  projects: [
    { name: 'sign-in', testMatch: 'signing-in.e2e.ts' },
    {
      name: 'stories',
      testMatch: currentRound() === 'bare' ? [...BARE_STORIES] : '*.e2e.ts',
      testIgnore: 'signing-in.e2e.ts',
      dependencies: ['sign-in'],
      use: { storageState: `${KEPT}/owner.json` },
    },
    {
      // `npm run screens`: not a test, but the same installation, driven through the story to be photographed.
      name: 'screens',
      testMatch: '*.screens.ts',
      dependencies: ['sign-in'],
      use: { storageState: `${KEPT}/owner.json` },
    },
  ],
})
