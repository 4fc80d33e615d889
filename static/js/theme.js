/* Light, dark or as the system: set before the first paint, so this one is not a module.
   <button data-theme-choice="light|dark|"> chooses; the choice lives in this browser. */
(() => {
  const KEY = "forankra.theme";
  const root = document.documentElement;
  const stored = () => {
    try { return localStorage.getItem(KEY) || ""; } catch { return ""; }
  };
  const show = (choice) => {
    if (choice === "light" || choice === "dark") root.dataset.bsTheme = choice;
    else delete root.dataset.bsTheme;
    for (const button of document.querySelectorAll("[data-theme-choice]")) {
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === choice));
    }
  };
  show(stored());
  document.addEventListener("DOMContentLoaded", () => show(stored()));
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-theme-choice]");
    if (!button) return;
    try {
      if (button.dataset.themeChoice) localStorage.setItem(KEY, button.dataset.themeChoice);
      else localStorage.removeItem(KEY);
    } catch { /* private window: the choice lasts as long as the page */ }
    show(button.dataset.themeChoice);
  });
  window.addEventListener("storage", (event) => { if (event.key === KEY) show(stored()); });
})();
