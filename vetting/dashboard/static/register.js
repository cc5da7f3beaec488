// Comforts on top of pages that work without them: focus after a swap, copying, printing, single keys in a worklist.
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

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) print();
    const stepping = event.target.closest("[data-step]");
    if (stepping) goOn(stepping.closest("[data-worklist]"), Number(stepping.dataset.step));
  });

  // Single keys: only for who switched them on, only while the focus is in the list, never while somebody types.
  let lastRow = null;
  document.addEventListener("focusin", (event) => {
    const row = event.target.closest("[data-row]");
    if (row) lastRow = row.id;
  });

  const goOn = (list, by) => {
    const rows = [...list.querySelectorAll("[data-row]")];
    const at = rows.findIndex((row) => row.id === lastRow);
    const next = rows[at < 0 ? 0 : Math.min(Math.max(at + by, 0), rows.length - 1)];
    if (next) next.querySelector("[data-row-start]").focus();
  };

  const press = (row, key) => {
    const found = row && row.querySelector(`[data-key="${key}"]`);
    if (!found || found.hidden) return false;
    if (found instanceof HTMLDetailsElement) {
      found.open = true;
      found.querySelector("[data-confirms]").focus();
    } else {
      found.click();
    }
    return true;
  };

  document.addEventListener("keydown", (event) => {
    const list = event.target.closest?.("[data-keys]");
    if (!list || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    const row = event.target.closest("[data-row]");
    let done = true;
    if (event.key === "j") goOn(list, 1);
    else if (event.key === "k") goOn(list, -1);
    else if (event.key === "?") {
      const help = document.getElementById("keys-list");
      help.open = !help.open;
      help.querySelector("summary").focus();
    } else if ("cotn".includes(event.key) && event.key.length === 1) done = press(row, event.key);
    else done = false;
    if (done) event.preventDefault();
  });

  // What was said of the row just dealt with is spoken too, because a status that is there from the start is often not read out.
  if (document.querySelector("[data-worklist]")) {
    const said = document.querySelector(".messages");
    const status = document.getElementById("status");
    if (said && status) setTimeout(() => { status.textContent = said.textContent.trim(); }, 300);
  }

  // Copy buttons need the clipboard; without it they would promise what they cannot do.
  const reveal = () => {
    for (const one of document.querySelectorAll("[data-print][hidden], [data-needs-script][hidden]")) one.hidden = false;
    if (!navigator.clipboard) return;
    for (const button of document.querySelectorAll("[data-copy][hidden]")) button.hidden = false;
  };
  document.addEventListener("htmx:after:swap", reveal);
  reveal();
  focusMarked(document);
})();
