/* The behaviour that the palette and the combobox share: a text field that walks a list of options
   while keeping the focus (aria-activedescendant). */

let counter = 0;

export class Listbox {
  constructor(input, list, { onChoose }) {
    this.input = input;
    this.list = list;
    this.active = null;
    list.addEventListener("mousedown", (event) => event.preventDefault()); // keep the focus in the field
    list.addEventListener("click", (event) => {
      const option = event.target.closest('[role="option"]');
      if (option && option.getAttribute("aria-disabled") !== "true") onChoose(option, event);
    });
  }

  get options() {
    return [...this.list.querySelectorAll('[role="option"]:not([aria-disabled="true"])')];
  }

  /* Call after the list's content has changed. */
  refresh({ first = false } = {}) {
    for (const option of this.list.querySelectorAll('[role="option"]')) {
      option.id ||= `option-${++counter}`;
      option.setAttribute("aria-selected", "false");
    }
    this.mark(first ? this.options[0] : null);
  }

  mark(option) {
    this.active?.setAttribute("aria-selected", "false");
    this.active = option ?? null;
    if (option) {
      option.setAttribute("aria-selected", "true");
      option.scrollIntoView({ block: "nearest" });
      this.input.setAttribute("aria-activedescendant", option.id);
    } else {
      this.input.removeAttribute("aria-activedescendant");
    }
  }

  step(by) {
    const options = this.options;
    if (!options.length) return;
    const at = options.indexOf(this.active);
    const next = at < 0 ? (by > 0 ? 0 : options.length - 1) : (at + by + options.length) % options.length;
    this.mark(options[next]);
  }
}
