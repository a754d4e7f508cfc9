// The browser is the system's Chromium; the town answers at https://here.test,
// on a port that the test which starts this hands in.
import { defineConfig } from '@playwright/test';

const chromium = (javaScriptEnabled, viewport, more = {}) => ({
  baseURL: 'https://here.test', ignoreHTTPSErrors: true, locale: 'de-DE', javaScriptEnabled, viewport, ...more,
  launchOptions: {
    executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync',
      `--host-resolver-rules=MAP here.test:443 ${process.env.TOWN}`],
  },
});

export default defineConfig({
  testDir: '.', testMatch: '*.spec.mjs', workers: 1, retries: 0, reporter: 'list', outputDir: process.env.OUTPUT, timeout: 60_000, forbidOnly: true,
  projects: [
    { name: 'desktop', use: chromium(true, { width: 1280, height: 900 }) },
    { name: 'phone', use: chromium(true, { width: 320, height: 640 }) },
    { name: 'dark', testMatch: 'pages.spec.mjs', use: chromium(true, { width: 320, height: 640 }, { colorScheme: 'dark' }) },
    { name: 'noscript', use: chromium(false, { width: 1280, height: 900 }) },
  ],
});
