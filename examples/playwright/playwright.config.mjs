import { defineConfig } from '@playwright/test';

export default defineConfig({
  testDir: '.',
  testMatch: 'test_*.mjs',
  // The tests share one provider, and each begins at its seed.
  workers: 1,
  timeout: 30_000,
  use: {
    baseURL: process.env.ENT_ADDRESS ?? 'http://localhost:8402',
    locale: 'fr-FR',
    trace: 'retain-on-failure',
    launchOptions: {
      // A Chromium of the machine's own; without it, the one that `npx playwright install chromium` brings.
      executablePath: process.env.PREAU_CHROMIUM || undefined,
      // A container's root has no sandbox to give.
      args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
    },
  },
});
