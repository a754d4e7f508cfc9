// How a page comes on a slow phone at its first visit: nothing moves once it is
// there, and nothing but one round of requests stands before the first paint.
import { expect, test } from '@playwright/test';
import { told, visit } from './visit.mjs';

// slow is a phone with a weak signal: 150 ms there and back, 1.6 Mbit/s, half a
// processor.
const slow = async (page) => {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Network.enable');
  await cdp.send('Network.setCacheDisabled', { cacheDisabled: true });
  await cdp.send('Network.emulateNetworkConditions', { offline: false, latency: 150, downloadThroughput: 1.6e6 / 8, uploadThroughput: 750e3 / 8 });
  await cdp.send('Emulation.setCPUThrottlingRate', { rate: 2 });
};

// still is how much may move: when the fonts come, letters take the place of
// others that are as wide on average, and a word may wrap elsewhere: usually
// 0.001, and 0.026 on a long text where one more line is needed. People notice
// from 0.1 on.
const still = 0.05;

const measure = () => new Promise((resolve) => {
  const shifts = [];
  new PerformanceObserver((l) => shifts.push(...l.getEntries())).observe({ type: 'layout-shift', buffered: true });
  document.fonts.ready.then(() => setTimeout(() => {
    const name = (n) => (n?.nodeType === 1 ? `${n.tagName.toLowerCase()}.${n.className}` : n?.parentElement?.tagName.toLowerCase() ?? '?');
    const all = performance.getEntriesByType('resource');
    resolve({
      sum: shifts.reduce((sum, s) => sum + s.value, 0),
      moved: shifts.map((s) => `moves by ${s.value.toFixed(4)}: ${s.sources.slice(0, 3).map((x) => name(x.node)).join(', ')}`),
      before: all.filter((r) => r.renderBlockingStatus === 'blocking').map((r) => ({ url: r.name, by: r.initiatorType, start: r.startTime, end: r.responseEnd })),
      painted: performance.getEntriesByName('first-contentful-paint')[0]?.startTime,
    });
  }, 100));
});

// coming opens the page and gives what is wrong with how it comes.
const coming = async (page, shown) => {
  const wrong = [];
  page.on('request', (r) => { if (!r.url().startsWith('data:') && new URL(r.url()).host !== shown.town) wrong.push(`asks somebody else: ${r.url()}`); });
  await slow(page);
  await visit(page, shown);
  const m = await page.evaluate(measure);
  if (m.sum > still) wrong.push(...m.moved);
  if (!m.painted) wrong.push('is not painted');
  const first = Math.min(...m.before.map((r) => r.end));
  for (const r of m.before) if (r.start >= first || r.by === 'css') wrong.push(`stands in a second round before the first paint: ${r.url}`);
  return wrong;
};

// Each route once, as readers see it.
const once = [...new Map(told.pages.filter((p) => p.who === 'nobody' && !p.press).map((p) => [`${p.town} ${p.route === 'state' ? p.name : p.route}`, p])).values()];
test.use({ viewport: { width: 390, height: 844 } });
for (const shown of once) {
  test(`load: ${shown.town} ${shown.name} at ${shown.path}`, async ({ page }) => {
    expect(await coming(page, shown)).toEqual([]);
  });
}

test('what moves and what waits is found', async ({ page }) => {
  const origin = `https://${told.pages[0].town}`;
  await page.route(`${origin}/x`, (r) => r.fulfill({ contentType: 'text/html', body: '<!DOCTYPE html><title>x</title><link rel="stylesheet" href="/a.css"><img src="/late.svg" alt=""><p>Text</p>' }));
  await page.route(`${origin}/a.css`, (r) => r.fulfill({ contentType: 'text/css', body: '@import "/b.css";' }));
  await page.route(`${origin}/b.css`, (r) => r.fulfill({ contentType: 'text/css', body: 'p { color: red }' }));
  let painted;
  const late = new Promise((done) => { painted = done; });
  await page.route(`${origin}/late.svg`, async (r) => {
    await late;
    await r.fulfill({ contentType: 'image/svg+xml', body: '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="300"/>' });
  });
  await page.goto(`${origin}/x`, { waitUntil: 'commit' });
  await page.waitForFunction(() => performance.getEntriesByName('first-contentful-paint').length > 0);
  painted();
  await page.waitForLoadState('load');
  const m = await page.evaluate(measure);
  expect(m.moved.join()).toContain('moves by');
  expect(m.before.map((r) => r.by)).toContain('css');
});
