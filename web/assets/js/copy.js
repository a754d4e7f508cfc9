// Copying. A button with data-copy shows itself where the browser can copy, puts
// the text of the part with that id into the clipboard, and says so.
for (const button of document.querySelectorAll('[data-copy]')) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener('click', async () => {
    const text = document.getElementById(button.dataset.copy).innerText;
    await navigator.clipboard.writeText(text);
    button.querySelector('.kern-label').textContent = button.dataset.done;
  });
}
