// Before anything is painted: the theme that was chosen, else the system's.
(() => {
  "use strict";
  const root = document.documentElement;
  root.classList.remove("no-js");
  let chosen = null;
  try {
    chosen = localStorage.getItem("theme");
  } catch {
    // no storage: the system's theme
  }
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = chosen ?? (dark ? "dark" : "light");
})();
