// The browser is the system's Chromium, for what nobody sees that without the
// frame around the page, which takes half the time. Each town answers at https://NAME, on an
// address that the test which starts this hands in.
import { existsSync, readFileSync } from 'node:fs';
import { defineConfig } from '@playwright/test';

const { towns, key } = JSON.parse(readFileSync(process.env.TOLD, 'utf8'));
const rules = Object.entries(towns).map(([name, address]) => `MAP ${name}:443 ${address}`).join(',');

const shell = '/usr/bin/chromium-headless-shell';
const chromium = (javaScriptEnabled, viewport) => ({
  baseURL: 'https://aufgaben.test', ignoreHTTPSErrors: true, locale: 'de-DE', javaScriptEnabled, viewport,
  launchOptions: {
    executablePath: process.env.CHROMIUM || (existsSync(shell) ? shell : '/usr/bin/chromium'),
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync',
      `--host-resolver-rules=${rules}`, `--ignore-certificate-errors-spki-list=${key}`],
  },
});
const desktop = { width: 1280, height: 900 };

export default defineConfig({
  testDir: '.', workers: 2, fullyParallel: true, retries: 0, reporter: 'line', outputDir: process.env.OUTPUT, timeout: 120_000, expect: { timeout: 20_000 }, forbidOnly: true,
  projects: [
    { name: 'pages', testMatch: ['pages.spec.mjs', 'load.spec.mjs', 'back.spec.mjs'], use: chromium(true, desktop) },
    { name: 'pictures', testMatch: 'pictures.spec.mjs', use: chromium(true, desktop) },
    { name: 'passkey', testMatch: 'passkey.spec.mjs', use: chromium(true, desktop) },
    { name: 'desktop', testMatch: ['tasks.spec.mjs', 'bykeys.spec.mjs'], use: chromium(true, desktop) },
    { name: 'phone', testMatch: ['tasks.spec.mjs', 'bykeys.spec.mjs'], use: chromium(true, { width: 320, height: 640 }) },
    { name: 'noscript', testMatch: ['tasks.spec.mjs', 'bykeys.spec.mjs'], use: chromium(false, desktop) },
  ],
});
