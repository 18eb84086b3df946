/* Comforts of the pages of answers; each of them works without this. */
"use strict";

(() => {
  /* Tick all boxes of the page, or none when all are ticked. */
  const list = document.querySelector("form[data-tick]");
  const all = list?.querySelector("[data-tick-all]");
  if (all) {
    all.hidden = false;
    all.querySelector("button").addEventListener("click", () => {
      const boxes = [...list.querySelectorAll("input[name=ids]")];
      const on = boxes.some((box) => !box.checked);
      boxes.forEach((box) => {
        box.checked = on;
      });
    });
  }

  /* A line of hyphens where the cursor stands. */
  const insert = document.querySelector("[data-insert]");
  const area = document.querySelector("textarea[data-separator]");
  if (insert && area) {
    insert.hidden = false;
    insert.querySelector("button").addEventListener("click", () => {
      const at = area.selectionStart;
      const before = area.value.slice(0, at);
      const line = `${before && !before.endsWith("\n") ? "\n" : ""}${area.dataset.separator}\n`;
      area.setRangeText(line, at, area.selectionEnd, "end");
      area.dispatchEvent(new Event("input", { bubbles: true }));
      area.focus();
    });
  }

  /* Selecting in the text as sent fills in from which character to which, counted by code point. */
  const form = document.querySelector("form[data-mask-form]");
  if (form) {
    document.querySelector("[data-mask-help]").hidden = false;
    document.addEventListener("selectionchange", () => {
      const selection = document.getSelection();
      if (!selection || selection.isCollapsed || selection.rangeCount === 0) return;
      const range = selection.getRangeAt(0);
      const parent = (node) => (node.nodeType === Node.TEXT_NODE ? node.parentElement : node);
      const box = parent(range.startContainer).closest("[data-mask-source]");
      if (!box || parent(range.endContainer).closest("[data-mask-source]") !== box) return;
      const lead = document.createRange();
      lead.selectNodeContents(box);
      lead.setEnd(range.startContainer, range.startOffset);
      const start = [...lead.toString()].length;
      const length = [...range.toString()].length;
      if (!length) return;
      form.elements.field.value = box.dataset.maskSource;
      form.elements.start.value = String(start + 1);
      form.elements.stop.value = String(start + length);
      form.elements.phrase.value = "";
      form.elements.nth.value = "";
      form.querySelector("[data-mask-span]").open = true;
    });
  }
})();
