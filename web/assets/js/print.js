// Printing. A button with data-print shows itself where scripts run, and opens the
// browser's own window for it.
for (const button of document.querySelectorAll('[data-print]')) {
  button.hidden = false;
  button.addEventListener('click', () => window.print());
}
