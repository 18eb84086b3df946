/* Three small comforts; every page works without them. Loaded deferred, so the document is there. */
"use strict";

(() => {
  const POLL_INTERVAL = 1000; // milliseconds
  const SLOWEST_POLL = 15000;
  const RESUBMIT_AFTER = 5000; // a download leaves the page standing: let its button work again

  /* A job that runs by itself: ask [data-poll] for {done, total, label, state, url}. */
  function watchJob(box) {
    const bar = box.querySelector("progress");
    const text = box.querySelector("[data-poll-text]");
    let wait = POLL_INTERVAL;

    const say = (words) => {
      // Only a change is written: each write is read out by a screen reader.
      if (text && words && text.textContent !== words) text.textContent = words;
    };

    const show = (job) => {
      if (bar && job.total > 0) {
        bar.max = job.total;
        bar.value = job.done;
      }
      say(job.label);
    };

    const ask = async () => {
      try {
        const answer = await fetch(box.dataset.poll, {
          headers: { Accept: "application/json" },
          credentials: "same-origin",
          cache: "no-store",
        });
        if (answer.redirected || answer.status === 401) {
          // Signed out meanwhile: the page itself knows the way to the sign-in.
          window.location.reload();
          return;
        }
        if (!answer.ok) throw new Error(String(answer.status));
        const job = await answer.json();
        show(job);
        wait = POLL_INTERVAL;
        if (job.state === "done" || job.state === "failed") {
          if (job.url) window.location.assign(job.url);
          return;
        }
      } catch {
        wait = Math.min(wait * 2, SLOWEST_POLL);
        say(box.dataset.pollLost);
      }
      window.setTimeout(ask, wait);
    };

    window.setTimeout(ask, wait);
  }

  /* Leaving form[data-guard] with unsent input asks first (the browser's own words). */
  function guard(form) {
    // Input given back after an error has not been stored either.
    let dirty = form.querySelector("[aria-invalid='true']") !== null;
    form.addEventListener("input", () => {
      dirty = true;
    });
    form.addEventListener("submit", (event) => {
      if (!event.defaultPrevented) dirty = false;
    });
    window.addEventListener("beforeunload", (event) => {
      if (dirty) event.preventDefault();
    });
  }

  /* A second press while the first is under way sends nothing. */
  function once(form) {
    let sending = false;
    const release = () => {
      sending = false;
      form.querySelectorAll("[data-sending]").forEach((button) => {
        button.removeAttribute("aria-disabled");
        button.removeAttribute("data-sending");
      });
    };
    form.addEventListener("submit", (event) => {
      if (sending) {
        event.preventDefault();
        return;
      }
      sending = true;
      // aria-disabled, not disabled: the name and value of a disabled button are not sent.
      if (event.submitter) {
        event.submitter.setAttribute("aria-disabled", "true");
        event.submitter.setAttribute("data-sending", "");
      }
      window.setTimeout(release, RESUBMIT_AFTER);
    });
    window.addEventListener("pageshow", (event) => {
      if (event.persisted) release();
    });
  }

  document.querySelectorAll("[data-poll]").forEach(watchJob);
  document.querySelectorAll("form[method='post' i]").forEach(once);
  document.querySelectorAll("form[data-guard]").forEach(guard);

  // `autofocus` is ignored when the address has a fragment; what went wrong comes first even then.
  document.querySelector(".error-summary")?.focus();
})();
