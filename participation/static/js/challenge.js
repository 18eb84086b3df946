/* Solves the proof of work of the confirmation page while it is read. Without it (no script, or no
   secure connection) waiting some seconds before sending does the same. */
"use strict";

(() => {
  const field = document.querySelector("input[name=solution][data-challenge]");
  if (!field || !window.crypto || !window.crypto.subtle) return;
  const state = document.querySelector("[data-challenge-state]");
  const { algorithm, challenge, salt, signature, most } = field.dataset;
  const encoder = new TextEncoder();
  const AT_ONCE = 500; // digests between two looks at the page

  const hex = (buffer) =>
    Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");

  const digest = async (number) =>
    hex(await window.crypto.subtle.digest(algorithm, encoder.encode(salt + number)));

  const solve = async () => {
    if (state) state.textContent = state.dataset.working;
    for (let start = 0; start <= Number(most); start += AT_ONCE) {
      const numbers = Array.from({ length: AT_ONCE }, (_, offset) => start + offset);
      const found = (await Promise.all(numbers.map(digest))).indexOf(challenge);
      if (found >= 0) {
        const number = start + found;
        field.value = window.btoa(
          JSON.stringify({ algorithm, challenge, number, salt, signature }),
        );
        if (state) state.textContent = state.dataset.done;
        return;
      }
      await new Promise((resolve) => window.setTimeout(resolve));
    }
  };

  solve();
})();
