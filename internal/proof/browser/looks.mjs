// What is wrong with a page as it looks: each gives sentences, none when all is
// well.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

// The sizes at which pages are looked at; zoomed is a screen of 1280 by 1024 at
// 400 %.
export const sizes = { desktop: { width: 1280, height: 900 }, phone: { width: 320, height: 640 }, zoomed: { width: 320, height: 256 } };

const every = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
// What the dark can change: nothing else of a page hangs on its colours.
const colours = ['color-contrast', 'link-in-text-block'];

// accessible gives what axe finds, all of it or what hangs on colours. It comes
// through the debugger, not through a script element, which the page's own
// policy forbids.
export const accessible = async (page, dark = false) => {
  if (!await page.evaluate(() => 'axe' in window)) await page.evaluate(axe);
  return page.evaluate(async (runOnly) => {
    const found = await window.axe.run(document, {
      runOnly, resultTypes: ['violations'], iframes: false, preload: false,
    });
    return found.violations.map((v) => `axe ${v.id}: ${v.nodes.slice(0, 4).map((n) => `${n.target.join(' ')} (${n.failureSummary?.split('\n')[1]?.trim()})`).join(', ')}`);
  }, dark ? { type: 'rule', values: colours } : { type: 'tag', values: every });
};

// fits gives what sticks out, is cut off, is too small to be hit, or covers the
// page.
export const fits = (page) => page.evaluate(() => {
  const wrong = [];
  const name = (e) => `${e.tagName.toLowerCase()}${e.id ? `#${e.id}` : ''}${e.className?.split ? e.className.split(/\s+/).filter(Boolean).map((c) => `.${c}`).join('') : ''}`;
  const root = document.documentElement;
  const width = root.clientWidth;
  const scrolls = (e) => { for (let p = e; p && p !== document.body; p = p.parentElement) if (['auto', 'scroll'].includes(getComputedStyle(p).overflowX)) return true; return false; };
  if (root.scrollWidth > width) {
    const out = [...document.body.querySelectorAll('*')].filter((e) => e.getBoundingClientRect().right > width + 1 && !scrolls(e)).slice(-3);
    wrong.push(`sticks out sideways by ${root.scrollWidth - width} px: ${out.map(name).join(', ')}`);
  }
  const hidden = (e) => e.closest('.sr-only, .visually-hidden, .kern-sr-only') || e.clientWidth <= 1 || !e.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  for (const e of document.querySelectorAll('body *:not(input):not(img):not(svg *)')) {
    const s = getComputedStyle(e);
    const cut = (s.overflowX === 'hidden' || s.overflowX === 'clip') && e.scrollWidth > e.clientWidth + 1 || (s.overflowY === 'hidden' || s.overflowY === 'clip') && e.scrollHeight > e.clientHeight + 3;
    if (cut && e.textContent.trim() && !hidden(e)) wrong.push(`is cut off: ${name(e)}: ${e.scrollWidth}x${e.scrollHeight} in ${e.clientWidth}x${e.clientHeight}`);
  }
  const targets = 'a[href], button, input:not([type=hidden]), select, textarea, summary';
  for (const e of document.querySelectorAll(targets)) {
    if (!e.checkVisibility({ visibilityProperty: true }) || getComputedStyle(e).display === 'inline') continue; // in a sentence
    const label = e.closest('label') ?? (e.labels?.[0] && ['checkbox', 'radio'].includes(e.type) ? e.labels[0] : null);
    const r = [e, label].filter(Boolean).map((x) => x.getBoundingClientRect()).reduce((a, b) => (b.width * b.height > a.width * a.height ? b : a));
    const off = r.bottom < 0 || r.right < 0; // the skip link waits outside
    if (!off && r.width > 0 && (r.width < 23.5 || r.height < 23.5)) wrong.push(`is too small to be hit: ${name(e)} "${e.textContent.trim().slice(0, 30)}": ${Math.round(r.width)}x${Math.round(r.height)}`);
  }
  scrollTo({ top: root.scrollHeight / 2, behavior: 'instant' });
  const stuck = (e) => { for (let p = e; p && p !== root; p = p.parentElement) if (getComputedStyle(p).position === 'fixed') return true; return false; };
  let covered = 0, all = 0;
  for (let y = 2; y < innerHeight; y += 4, all++) { const e = document.elementFromPoint(width / 2, y); if (e && stuck(e)) covered++; }
  if (covered / all > 0.4) wrong.push(`${Math.round(100 * covered / all)} % of the screen is covered by what never moves`);
  scrollTo({ top: 0, behavior: 'instant' });
  return wrong;
});

// outline gives what is wrong with the document, whatever its size.
export const outline = (page) => page.evaluate(() => {
  const wrong = [];
  const heads = document.querySelectorAll('h1').length;
  if (heads !== 1) wrong.push(`has ${heads} h1`);
  if (!document.title.trim()) wrong.push('has no title');
  for (const img of document.images) {
    if (!img.getAttribute('width') || !img.getAttribute('height')) wrong.push(`is without width and height: ${img.outerHTML.slice(0, 120)}`);
    if (img.complete && img.naturalWidth === 0 && img.loading !== 'lazy') wrong.push(`does not show: ${img.outerHTML.slice(0, 120)}`);
  }
  for (const e of document.querySelectorAll('[style], style, script:not([src]):not([type="application/ld+json"])')) wrong.push(`has style or script in the page: ${e.outerHTML.slice(0, 80)}`);
  const ids = [...document.querySelectorAll('a[href^="#"]')].filter((a) => a.hash.length > 1 && !document.getElementById(decodeURIComponent(a.hash.slice(1))));
  for (const a of ids) wrong.push(`leads nowhere: ${a.outerHTML.slice(0, 100)}`);
  return wrong;
});
