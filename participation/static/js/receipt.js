/* Shows the button that prints the receipt; every browser can print without it too. */
"use strict";

(() => {
  const button = document.querySelector("[data-print]");
  if (!button) return;
  button.hidden = false;
  button.addEventListener("click", () => window.print());
})();
