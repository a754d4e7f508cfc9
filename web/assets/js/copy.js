// Copying. A button with data-copy shows itself where the browser can copy, puts
// the text of the part with that id, or what stands in that field, into the clipboard, and says so.
for (const button of document.querySelectorAll('[data-copy]')) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener('click', async () => {
    const part = document.getElementById(button.dataset.copy);
    await navigator.clipboard.writeText(part.value ?? part.innerText);
    button.querySelector('.kern-label').textContent = button.dataset.done;
  });
}
