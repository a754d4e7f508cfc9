// A page by the Tab key alone: each thing that can be used is reached, in the
// order of the document, shows that it has the focus, is not hidden by what
// never moves, and lets go again.

// mark finds what can be used and remembers how it looks without the focus.
const mark = () => {
  const usable = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]:not([tabindex="-1"]), [contenteditable=true]';
  const list = [...document.querySelectorAll(usable)].filter((e) => !e.disabled && e.tabIndex >= 0 && e.checkVisibility({ visibilityProperty: true }) && e.getClientRects().length);
  const one = (s) => [s.outlineStyle, s.outlineWidth, s.outlineStyle === 'none' ? '' : s.outlineColor, s.boxShadow, s.borderColor, s.backgroundColor, s.textDecorationLine, s.content].join();
  // The focus may show on the thing itself, on what CSS draws in it, or on the
  // label or card around it.
  const around = (e) => [e, e.parentElement, e.parentElement?.parentElement, e.labels?.[0]].filter(Boolean);
  const looks = (e) => [...around(e).map((x) => one(getComputedStyle(x))), one(getComputedStyle(e, '::after')), one(getComputedStyle(e, '::before'))].join('|');
  const name = (e) => `${e.tagName.toLowerCase()}${e.id ? `#${e.id}` : ''} "${(e.textContent.trim() || e.getAttribute('aria-label') || e.name || '').replace(/\s+/g, ' ').slice(0, 40)}"`;
  const seen = (e) => {
    const label = e.labels?.[0];
    const rects = [...e.getClientRects(), ...(label && e.getBoundingClientRect().width < 4 ? label.getClientRects() : [])].filter((r) => r.width > 1 && r.height > 1);
    for (const r of rects) {
      for (const [x, y] of [[0.5, 0.5], [0.1, 0.2], [0.9, 0.2], [0.1, 0.8], [0.9, 0.8]]) {
        const px = r.left + r.width * x, py = r.top + r.height * y;
        if (px < 0 || py < 0 || px >= innerWidth || py >= innerHeight) continue;
        const hit = document.elementFromPoint(px, py);
        if (hit && (hit === e || e.contains(hit) || hit.contains(e) || label?.contains(hit))) return true;
      }
    }
    return false;
  };
  document.activeElement?.blur?.();
  window.tabbed = { list, calm: list.map(looks), looks, name, seen };
  const group = (e) => (e.type === 'radio' ? `radio ${e.form ? [...document.forms].indexOf(e.form) : ''} ${e.name}` : '');
  return list.map((e) => ({ name: name(e), group: group(e) }));
};

// now says what has the focus.
const now = () => {
  const { list, calm, looks, name, seen } = window.tabbed;
  const e = document.activeElement;
  if (!e || e === document.body || e === document.documentElement) return { at: -1 };
  const at = list.indexOf(e);
  return { at, name: name(e), shows: at < 0 || looks(e) !== calm[at], seen: seen(e) };
};

// tab walks the page and gives what is wrong.
export const tab = async (page) => {
  const list = await page.evaluate(mark);
  const wrong = [], order = [], reached = new Set();
  let same = 0;
  for (let last = -2, presses = 0; presses < list.length * 5 + 20; presses++) {
    await page.keyboard.press('Tab');
    const f = await page.evaluate(now);
    if (f.at === last) {
      if (f.at >= 0 && ++same > 9) { wrong.push(`is a trap: ${f.name}`); break; } // a field for a date has a few stops
      continue;
    }
    same = 0;
    last = f.at;
    if (f.at < 0) continue; // the edge of the document, or a part that scrolls
    if (reached.has(f.at)) break; // around
    reached.add(f.at);
    order.push(f.at);
    if (!f.shows) wrong.push(`does not show that it has the focus: ${f.name}`);
    if (!f.seen) wrong.push(`is hidden when it has the focus: ${f.name}`);
  }
  const groups = new Set([...reached].map((i) => list[i].group).filter(Boolean));
  list.forEach((e, i) => { if (!reached.has(i) && !groups.has(e.group)) wrong.push(`is not reached: ${e.name}`); });
  const back = order.filter((at, i) => i > 0 && at < order[i - 1]).length;
  if (back > 1) wrong.push(`the order is not that of the document: ${order.join()}`);
  return wrong;
};
