// Finding an article of this site in the editor's window of a link. A chosen one
// gives its address, and its title where no text was chosen for the link.
// Needs: data-editor-links (JSON: search, the address that answers; labels) on the
// text area, and editor.js. Without it: the address is typed.

document.addEventListener("editor:link", ({ target, detail }) => {
  if (!target.dataset.editorLinks) return;
  const { search, labels } = JSON.parse(target.dataset.editorLinks);
  const input = make("input", {
    type: "search",
    id: "link-search",
    placeholder: labels.hint,
    autocomplete: "off",
  });
  const status = make("p", { class: "library-status", role: "status" });
  const list = make("ul", { class: "link-list" });
  detail.field.before(
    make("label", { for: "link-search", text: labels.search }),
    input,
    status,
    list,
  );

  let asked = 0;
  const load = async () => {
    const number = ++asked; // an older answer must not replace a newer one
    const words = input.value.trim();
    let articles;
    try {
      const response = await fetch(`${search}?${new URLSearchParams({ q: words })}`, {
        headers: { Accept: "application/json" },
      });
      if (!response.ok) throw new Error(response.status);
      ({ articles } = await response.json());
    } catch {
      if (number === asked) status.textContent = labels.failed;
      return;
    }
    if (number !== asked) return;
    list.replaceChildren(...articles.map(row));
    if (!articles.length) status.textContent = labels.empty;
    else if (words) status.textContent = `${articles.length} ${labels.found}`;
    else status.textContent = labels.newest;
  };
  const row = ({ title, address, date, category, note }) => {
    const about = [date, category].filter(Boolean).join(" · ");
    return make(
      "li",
      {},
      make(
        "button",
        {
          type: "button",
          class: "link-choice",
          onclick: () => detail.choose(address, title),
        },
        make("span", { text: title }),
        make(
          "small",
          {},
          about,
          note ? make("strong", { class: "link-note", text: note }) : "",
        ),
      ),
    );
  };

  let timer;
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(load, 200);
  });
  // Enter in the search chooses nothing and sends nothing; arrows go through the list.
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    clearTimeout(timer);
    load();
  });
  detail.form.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const stops = [input, ...list.querySelectorAll("button")];
    const place = stops.indexOf(document.activeElement);
    if (!step || place < 0) return;
    event.preventDefault();
    stops[Math.min(Math.max(place + step, 0), stops.length - 1)].focus();
  });
  input.focus();
  load();
});

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "text") element.textContent = value;
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}
