import { defineConfig } from 'vitest/config'

const shared = { testTimeout: 20_000, hookTimeout: 120_000, restoreMocks: true }

export default defineConfig({
  test: {
    reporters: ['default'],
    projects: [
      {
        test: {
          ...shared,
          name: 'unit',
          include: ['src/**/*.test.ts', 'launcher/**/*.test.ts', 'demo/**/*.test.ts'],
          exclude: ['**/*.db.test.ts', '**/*.contract.test.ts', '**/*.start.test.ts'],
          setupFiles: ['./src/test-setup.ts'],
        },
      },
      {
        test: {
          ...shared,
          name: 'dom',
          include: ['src/**/*.test.tsx'],
          environment: 'happy-dom',
          setupFiles: ['./src/test-setup.ts'],
        },
      },
      {
        test: {
          ...shared,
          name: 'db',
          include: ['src/**/*.db.test.ts'],
          globalSetup: ['./launcher/test-database.ts'],
          setupFiles: ['./src/test-setup.ts'],
          testTimeout: 60_000,
          maxWorkers: 2,
        },
      },
      {
        test: {
          ...shared,
          name: 'contract',
          include: ['src/**/*.contract.test.ts'],
          globalSetup: ['./launcher/test-database.ts', './launcher/test-brokers.ts'],
          // kafkajs, a client beside the adapter, sets a timer for "not throttled" at -1 minus now.
          execArgv: ['--disable-warning=TimeoutNegativeWarning'],
          testTimeout: 300_000,
          maxWorkers: 2,
        },
      },
      {
        test: {
          ...shared,
          name: 'start',
          include: ['launcher/**/*.start.test.ts'],
          testTimeout: 300_000,
          maxWorkers: 1,
        },
      },
    ],
  },
})
