/* The desk without the mouse: Ctrl+Enter saves, "add" adds in place. Works without this too. */
"use strict";

(() => {
  const form = document.querySelector("form[data-desk]");
  if (!form) return;
  const list = form.querySelector("[data-opinions]");
  const most = Number(form.dataset.most);

  /* A copy of the last opinion, empty, under the next number: opinions-1-text and so on. */
  function added() {
    const all = list.querySelectorAll("[data-opinion]");
    const number = all.length;
    const copy = all[number - 1].cloneNode(true);
    for (const node of copy.querySelectorAll("[id], [for], [name], [aria-describedby]")) {
      for (const name of ["id", "for", "name", "aria-describedby"]) {
        const value = node.getAttribute(name);
        if (value) node.setAttribute(name, value.replace(/^opinions-\d+/, `opinions-${number}`));
      }
      node.removeAttribute("accesskey");
      node.removeAttribute("autofocus");
      node.removeAttribute("aria-invalid");
      if ("value" in node && node.matches("input, textarea")) node.value = "";
    }
    for (const error of copy.querySelectorAll(".field__error")) error.remove();
    copy.querySelector("[data-opinion-number]").textContent = String(number + 1);
    list.append(copy);
    return copy;
  }

  if (list) {
    form.querySelector("[data-add-opinion]").addEventListener("click", (event) => {
      event.preventDefault();
      if (list.querySelectorAll("[data-opinion]").length >= most) return;
      added().querySelector("input, textarea").focus();
    });
  }

  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    form.requestSubmit(form.querySelector("button[value=save]"));
  });
})();
