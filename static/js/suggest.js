/* Suggestions under the words of a search form: the ARIA practices' editable combobox.
   Needs: form[data-suggest] (who answers) with data-suggest-label, an input named q.
   Without it, or when a request fails, the form works as it is. */

const WAIT = 150; // ms without a key

function add(parent, tag, attributes) {
  const element = set(document.createElement(tag), attributes);
  parent.append(element);
  return element;
}

function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes))
    element.setAttribute(name, value);
  return element;
}

for (const form of document.querySelectorAll("form[data-suggest]")) {
  const input = form.elements.q;
  const id = `${input.id}-suggestions`;
  const list = add(input.parentElement, "ul", { id, role: "listbox" });
  const status = add(input.parentElement, "p", { role: "status" });
  const options = list.children;
  let chosen, timer, request;
  list.ariaLabel = form.dataset.suggestLabel;
  list.className = "suggestions";
  status.className = "visually-hidden";
  set(input, { role: "combobox", "aria-autocomplete": "list", "aria-controls": id });
  show(false);

  function choose(number) {
    chosen = options[number];
    for (const one of options) set(one, { "aria-selected": one === chosen });
    set(input, { "aria-activedescendant": chosen?.id ?? "" });
    chosen?.scrollIntoView({ block: "nearest" });
  }

  function show(isOpen) {
    list.hidden = !isOpen;
    set(input, { "aria-expanded": isOpen });
    choose(-1);
  }

  function close() {
    clearTimeout(timer);
    request?.abort();
    status.textContent = "";
    show(false);
  }

  async function ask() {
    request = new AbortController();
    const { signal } = request;
    try {
      const query = new URLSearchParams({ q: input.value });
      const answer = await fetch(`${form.dataset.suggest}?${query}`, { signal });
      const found = await answer.json();
      list.replaceChildren();
      for (const [n, { text, url }] of found.suggestions.entries())
        add(list, "li", { id: `${id}-${n}`, role: "option", "data-url": url }).append(
          text,
        );
      status.textContent = found.status;
      show(options.length > 0);
    } catch {
      if (!signal.aborted) close();
    }
  }

  function typed(event) {
    if (event.isComposing) return; // an input method has not finished the word
    clearTimeout(timer);
    request?.abort();
    choose(-1);
    if (input.value.trim().length < 2) close();
    else timer = setTimeout(ask, WAIT);
  }

  function take({ dataset, textContent }) {
    close();
    if (dataset.url) return location.assign(dataset.url);
    input.value = textContent;
    form.requestSubmit();
  }

  function pressed(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.isComposing || !options.length || (list.hidden && !step)) return;
    if (step) {
      const places = options.length + 1; // the box itself is one
      const place = [...options].indexOf(chosen) + 1;
      if (list.hidden) show(true);
      if (!event.altKey) choose(((place + step + places) % places) - 1);
    } else if (event.key === "Enter" && chosen) take(chosen);
    else if (event.key === "Escape") close();
    else return choose(-1);
    event.preventDefault();
  }

  input.addEventListener("input", typed);
  input.addEventListener("compositionend", typed);
  input.addEventListener("keydown", pressed);
  input.addEventListener("blur", close);
  list.addEventListener("mousedown", (event) => event.preventDefault()); // no blur
  list.addEventListener("click", (event) => {
    if (event.target !== list) take(event.target);
  });
}
