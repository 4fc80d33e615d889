/* Light, dark or as the system, before the first paint; so this one is not a module.

   Signed in, the server knows: <html data-theme="light|dark|auto">. Signed out, this browser remembers the last one.
   <form data-theme-form> with buttons named "theme" stores the choice; here it shows at once, without a new page. */
(() => {
  const KEY = "forankra.theme";
  const root = document.documentElement;
  const remember = (choice) => { try { localStorage.setItem(KEY, choice); } catch { /* private window */ } };
  const remembered = () => { try { return localStorage.getItem(KEY) || "auto"; } catch { return "auto"; } };
  const show = (choice) => {
    if (choice === "light" || choice === "dark") root.dataset.bsTheme = choice;
    else delete root.dataset.bsTheme;
    for (const button of document.querySelectorAll("[data-theme-form] button[name=theme]")) {
      button.setAttribute("aria-pressed", String(button.value === choice));
    }
  };
  if (root.dataset.theme) remember(root.dataset.theme);
  else show(remembered());
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-theme-form]") || !event.submitter) return;
    event.preventDefault();
    const data = new FormData(form, event.submitter);
    show(event.submitter.value);
    remember(event.submitter.value);
    fetch(form.action, { method: "POST", body: data, redirect: "manual", credentials: "same-origin" }).catch(() => {});
  });
})();
