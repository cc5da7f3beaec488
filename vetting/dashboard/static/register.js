// Comforts on top of pages that work without them: focus after a swap, copying, and the file or choice that sends its form.
"use strict";

(() => {
  const focusMarked = (root) => {
    const marked = root.querySelector("[data-autofocus]");
    if (marked) marked.focus();
  };

  document.addEventListener("htmx:after:swap", () => focusMarked(document));

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const source = document.getElementById(button.dataset.copy);
    if (!source) return;
    await navigator.clipboard.writeText(source.value ?? source.textContent.trim());
    const status = document.getElementById("status");
    if (status) status.textContent = "Copied.";
    if (button.dataset.copied) return;
    const before = [...button.childNodes];
    button.dataset.copied = "yes";
    button.replaceChildren("Copied");
    setTimeout(() => { button.replaceChildren(...before); delete button.dataset.copied; }, 2000);
  });

  // Copy buttons need the clipboard; without it they would promise what they cannot do.
  const reveal = () => {
    if (!navigator.clipboard) return;
    for (const button of document.querySelectorAll("[data-copy][hidden]")) button.hidden = false;
  };
  document.addEventListener("htmx:after:swap", reveal);
  reveal();
  focusMarked(document);
})();
