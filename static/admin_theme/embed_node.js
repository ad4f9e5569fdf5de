// Videos and maps of other sites in the editor: a button, a window that asks for
// address and title, and their place in the text. Nothing is fetched from elsewhere.
// Needs: data-editor-embed (JSON: check, the address that reads a typed one;
// providers; hosts, as patterns; labels) on the text area, and editor.js. Without it:
// videos and maps that stand in the text are lost when it is saved.

const ICON = "M3 5h18v14H3zM10 9l5 3-5 3z";

document.addEventListener("editor:build", ({ target, detail }) => {
  if (!target.dataset.editorEmbed) return;
  const parts = { ...detail, ...JSON.parse(target.dataset.editorEmbed) };
  detail.extensions.push(embedNode(detail.pm, parts));
  detail.buttons.push({
    label: parts.labels.insert,
    icon: ICON,
    run: (editor) => askNew(editor, parts),
  });
});

function embedNode(pm, parts) {
  const isKnown = (address) => {
    try {
      const { hostname } = new URL(address, "https://x.invalid");
      return parts.hosts.some((host) => new RegExp(`^(?:${host})$`).test(hostname));
    } catch {
      return false;
    }
  };
  return pm.Node.create({
    name: "embed",
    group: "block",
    atom: true,
    draggable: true,
    addAttributes() {
      // A reference like youtube:ID, or the address of a pasted frame, which the
      // server makes a reference of.
      const kept = { default: "", rendered: false };
      return { embed: kept, title: kept };
    },
    parseHTML() {
      return [
        {
          tag: "figure[data-embed]",
          getAttrs: (element) => ({
            embed: element.dataset.embed,
            title: element.querySelector("figcaption")?.textContent.trim() ?? "",
          }),
        },
        {
          tag: "iframe[src]",
          getAttrs: (element) =>
            isKnown(element.getAttribute("src")) && {
              embed: element.getAttribute("src"),
              title: element.title,
            },
        },
      ];
    },
    renderHTML({ node }) {
      const { embed, title } = node.attrs;
      return ["figure", { "data-embed": embed }, ["figcaption", title]];
    },
    renderText: ({ node }) => node.attrs.title,
    addNodeView() {
      return ({ node, editor, getPos }) => embedView(node, editor, getPos, parts);
    },
    addKeyboardShortcuts() {
      return {
        Enter: ({ editor }) => {
          const { node } = editor.state.selection;
          if (node?.type.name !== "embed") return false;
          editor.view.nodeDOM(editor.state.selection.from).querySelector("button").click();
          return true;
        },
      };
    },
    addProseMirrorPlugins() {
      const { editor } = this;
      return [
        new pm.Plugin({
          props: {
            // An address or a code of a provider, on a line of its own: ask.
            handlePaste(view, event) {
              const text = event.clipboardData?.getData("text/plain").trim() ?? "";
              const { $from, empty } = view.state.selection;
              if (!empty || $from.depth !== 1 || $from.parent.content.size) return false;
              const source = /^<iframe\b[^>]*\ssrc="([^"]+)"/i.exec(text)?.[1] ?? text;
              if (/\s/.test(source) || !/^(https?:)?\/\//i.test(source)) return false;
              if (!isKnown(source)) return false;
              askNew(editor, parts, {
                address: text,
                asLink: () => parts.insertLink(editor, source, source),
              });
              return true;
            },
          },
        }),
      ];
    },
  });
}

function embedView(node, editor, getPos, parts) {
  const { labels, providers } = parts;
  let current = node;
  const provider = make("strong");
  const title = make("span", { class: "editor-embed-title" });
  const range = () => ({ from: getPos(), to: getPos() + current.nodeSize });
  const edit = make("button", {
    type: "button",
    text: labels.edit,
    onclick: () =>
      askEmbed(parts, {
        address: current.attrs.embed,
        title: current.attrs.title,
        isKnown: true,
        done: (attrs) =>
          editor
            .chain()
            .focus()
            .insertContentAt(range(), { type: "embed", attrs })
            .run(),
      }),
  });
  const remove = make("button", {
    type: "button",
    text: labels.remove,
    onclick: () => editor.chain().focus().deleteRange(range()).run(),
  });
  const tools = make("div", { class: "editor-figure-tools" }, edit, remove);
  const dom = make(
    "figure",
    { class: "editor-figure editor-embed" },
    make("p", { class: "editor-embed-name" }, provider, title),
    tools,
  );
  const show = () => {
    const { embed } = current.attrs;
    provider.textContent = providers[embed.split(":")[0]] ?? hostOf(embed);
    title.textContent = current.attrs.title || labels.titleMissing;
    title.classList.toggle("editor-alt--missing", !current.attrs.title);
    for (const button of [edit, remove])
      button.setAttribute("aria-label", `${button.textContent}: ${title.textContent}`);
  };
  show();
  return {
    dom,
    update(updated) {
      if (updated.type !== current.type) return false;
      current = updated;
      show();
      return true;
    },
    stopEvent: (event) => tools.contains(event.target),
    ignoreMutation: () => true,
  };
}

function hostOf(address) {
  try {
    return new URL(address, "https://x.invalid").hostname;
  } catch {
    return "";
  }
}

function askNew(editor, parts, options = {}) {
  askEmbed(parts, {
    ...options,
    done(attrs) {
      // Writing goes on in a paragraph below: typing would replace a chosen video.
      const place = parts.between(editor.state.selection);
      editor
        .chain()
        .focus()
        .insertContentAt(place, [{ type: "embed", attrs }, { type: "paragraph" }])
        .setTextSelection(place.from + 2)
        .scrollIntoView()
        .run();
    },
  });
}

// The window: `done` gets {embed, title}; with `asLink`, it may stay an address.
function askEmbed(parts, { address = "", title = "", isKnown, done, asLink }) {
  const { labels } = parts;
  const source = make("textarea", {
    id: "embed-address",
    rows: "3",
    maxlength: "4000",
    spellcheck: "false",
    "aria-describedby": "embed-hint embed-wrong",
  });
  source.value = address;
  const name = make("input", {
    type: "text",
    id: "embed-title",
    maxlength: "200",
    "aria-describedby": "embed-title-hint embed-wrong",
  });
  name.value = title;
  const wrong = make("p", {
    class: "library-status library-error",
    id: "embed-wrong",
    role: "status",
  });
  const button = (text, onclick) =>
    make("button", { type: "button", class: "button quiet", text, onclick });
  const form = make(
    "form",
    { class: "editor-ask", novalidate: "" },
    make("h2", {
      id: "embed-heading",
      text: isKnown ? labels.edit : labels.insert,
    }),
    make("label", { for: "embed-address", text: labels.address }),
    source,
    make("p", { class: "help", id: "embed-hint", text: labels.hint }),
    make("label", { for: "embed-title", text: labels.title }),
    name,
    make("p", { class: "help", id: "embed-title-hint", text: labels.titleHint }),
    wrong,
    make(
      "p",
      { class: "library-buttons" },
      make("button", {
        type: "submit",
        class: "button default",
        text: isKnown ? labels.update : labels.apply,
      }),
      asLink
        ? button(labels.asLink, () => {
            dialog.close();
            asLink();
          })
        : "",
      button(labels.cancel, () => dialog.close()),
    ),
  );
  const dialog = make(
    "dialog",
    { class: "library library--small", "aria-labelledby": "embed-heading" },
    form,
  );
  const say = (text, field) => {
    wrong.textContent = text;
    field?.focus();
  };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    event.stopPropagation();
    say(labels.checking);
    const found = await check(parts, source.value);
    if (!dialog.open) return; // closed while the server was asked
    if (found.error) return say(found.error, source);
    const words = name.value.trim().replace(/\s+/g, " ");
    if (!words) return say(labels.titleNeeded, name);
    dialog.close();
    done({ embed: found.embed, title: words });
  });
  source.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    form.requestSubmit();
  });
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  (address ? name : source).focus();
}

async function check({ check: path, labels }, address) {
  try {
    const query = new URLSearchParams({ address });
    const response = await fetch(`${path}?${query}`, {
      headers: { Accept: "application/json" },
    });
    return await response.json(); // {error} says why there is none
  } catch {
    return { error: labels.failed };
  }
}

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
