// The editor by keyboard: the way to the tool bar and back, out of tables and
// pictures, out of the text by Tab, and a window that lists all keys.
// Needs: data-editor-keys (JSON: keys, [key, what it does]; words) on the text area,
// and editor.js. Without it: the keys of ProseMirror alone.

const ICON = "M3 6h18v12H3zM7 10h.01M12 10h.01M17 10h.01M8 14h8";

document.addEventListener("editor:build", ({ target, detail }) => {
  const words = JSON.parse(target.dataset.editorKeys || "null");
  if (!words) return;
  detail.extensions.push(keys(detail.pm));
  const run = () => showKeys(words);
  detail.buttons.push({ label: words.help, icon: ICON, run, isLast: true });
});

document.addEventListener("editor:ready", ({ target, detail }) => {
  const words = JSON.parse(target.dataset.editorKeys || "null");
  if (!words) return;
  const bar = detail.box.querySelector("[role=toolbar]");
  detail.box
    .querySelector("[role=textbox]")
    .setAttribute("aria-keyshortcuts", "Alt+F10");
  bar.title = words.toolbar;
  bar.addEventListener("keydown", (event) => {
    if (event.key === "Escape") detail.editor.commands.focus();
  });
});

function keys(pm) {
  return pm.Extension.create({
    name: "keys",
    priority: 1000, // before the line break of Ctrl+Enter
    addKeyboardShortcuts() {
      return {
        "Alt-F10": ({ editor }) => {
          barOf(editor).querySelector('[tabindex="0"]').focus();
          return true;
        },
        "Mod-k": ({ editor }) => {
          barOf(editor).querySelector('[aria-keyshortcuts$="+K"]').click();
          return true;
        },
        "Mod-Enter": ({ editor }) => leave(editor, "after"),
        "Mod-Shift-Enter": ({ editor }) => leave(editor, "before"),
      };
    },
    addProseMirrorPlugins() {
      // Tab moves between cells and makes items of lists; after Escape it leaves.
      let leaves = false;
      return [
        new pm.Plugin({
          props: {
            handleDOMEvents: {
              keydown(view, event) {
                const isExit = leaves && event.key === "Tab";
                leaves = event.key === "Escape" || (leaves && event.key === "Shift");
                return isExit; // ProseMirror leaves it to the browser
              },
            },
          },
        }),
      ];
    },
  });

  function barOf(editor) {
    return editor.view.dom.closest(".editor").querySelector("[role=toolbar]");
  }
}

// A new paragraph after or before the table, picture or video with the caret.
function leave(editor, side) {
  const { selection } = editor.state;
  const { $from, $to, node } = selection;
  let place = null;
  if (node?.isBlock) place = side === "after" ? $to.pos : $from.pos;
  for (let depth = $from.depth; place === null && depth > 0; depth -= 1)
    if (["table", "figure"].includes($from.node(depth).type.name))
      place = $from[side](depth);
  if (place === null) return false;
  return editor
    .chain()
    .insertContentAt(place, { type: "paragraph" })
    .setTextSelection(place + 1)
    .scrollIntoView()
    .run();
}

function showKeys({ help, close, keys }) {
  const list = make("dl", { class: "editor-keys" });
  for (const [key, what] of keys) {
    const names = make("dt", {});
    key
      .split(", ")
      .forEach((name, index) => names.append(index ? ", " : "", make("kbd", { text: name })));
    list.append(names, make("dd", { text: what }));
  }
  const dialog = make(
    "dialog",
    { class: "library library--small", "aria-labelledby": "editor-keys-title" },
    make("h2", { id: "editor-keys-title", text: help }),
    list,
    make(
      "p",
      { class: "library-buttons" },
      make("button", {
        type: "button",
        class: "button default",
        text: close,
        onclick: () => dialog.close(),
      }),
    ),
  );
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
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
