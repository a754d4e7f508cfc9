// Suggestions. A field with data-suggest asks that address of ours what may be
// meant, a moment after somebody has stopped writing, and offers the answers in
// its datalist. Nothing else happens without it.
const pause = 200;

for (const field of document.querySelectorAll('input[data-suggest]')) {
  let waiting;
  let asked = '';
  field.addEventListener('input', () => {
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      const words = field.value.trim();
      if (words.length < 2 || words === asked) return;
      asked = words;
      try {
        const answer = await fetch(`${field.dataset.suggest}?q=${encodeURIComponent(words)}`);
        if (!answer.ok || field.value.trim() !== words) return;
        field.list.replaceChildren(...(await answer.json()).map((text) => new Option(text, text)));
      } catch {
        // no connection: the field is one like others
      }
    }, pause);
  });
}
