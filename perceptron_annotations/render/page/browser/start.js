// Theme, keys and clicks, and the start of the page.

const THEMES = { "": "◐ Auto", light: "☀ Light", dark: "☾ Dark" };

function setTheme(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  byId("theme").textContent = THEMES[theme];
  byId("theme").setAttribute("aria-label", `Theme: ${theme || "of the system"}`);
  try {
    localStorage.setItem("perceptron-annotations-theme", theme);
  } catch {
    // a browser that keeps nothing for files
  }
}

function nextTheme() {
  const names = Object.keys(THEMES);
  setTheme(names[(names.indexOf(document.documentElement.dataset.theme ?? "") + 1) % names.length]);
}

function storedTheme() {
  try {
    const theme = localStorage.getItem("perceptron-annotations-theme") ?? "";
    return theme in THEMES ? theme : "";
  } catch {
    return "";
  }
}

function openMarked() {
  if (shown.length) openCard(shown[marked], true);
}

function takeKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || byId("help").open) return;
  const isTyping = event.target.matches("input:not([type=checkbox]), select, textarea");
  if (event.key === "Escape") {
    if (isTyping) event.target.blur();
    else closeCard();
    return;
  }
  if (isTyping) return;
  const isInside = byId("detail").contains(document.activeElement);
  const { columns } = layout();
  const steps = { ArrowRight: 1, j: 1, n: 1, ArrowLeft: -1, k: -1, p: -1 };
  if (!isInside) Object.assign(steps, { ArrowDown: columns, ArrowUp: -columns, Home: -Infinity, End: Infinity });
  const actions = { "/": () => byId("q").focus(), "?": () => byId("help").showModal(), t: nextTheme };
  if (event.key in steps && view === "answers") moveTo(marked + steps[event.key], isInside);
  else if (event.key === "Enter" && document.activeElement === byId("grid")) openMarked();
  else if (event.key in actions) actions[event.key]();
  else return;
  event.preventDefault();
}

function takeClick(event) {
  const card = event.target.closest(".card");
  if (card) {
    marked = Number(card.dataset.place);
    return openMarked();
  }
  const step = event.target.closest("[data-step]")?.dataset.step;
  if (step === "0") return closeCard();
  if (step) return moveTo(marked + Number(step), true);
  const tab = event.target.closest("[data-view]");
  if (tab) {
    view = tab.dataset.view;
    showView();
    drawGrid();
    return writeHash();
  }
  const holder = byId("detail").contains(event.target) ? holderOf(event.target) : null;
  if (holder) pin(holder);
  else if (document.querySelector(".pinned")) pin(document.querySelector(".pinned"));
}

function takeToggle(event) {
  const name = event.target.dataset?.toggle;
  if (!name) return;
  document.body.classList.toggle(name, event.target.checked);
  for (const each of every(`[data-toggle="${name}"]`)) each.checked = event.target.checked;
}

function listen() {
  addEventListener("hashchange", readHash);
  addEventListener("resize", () => drawGrid());
  addEventListener("keydown", takeKey);
  addEventListener("click", takeClick);
  byId("filters").addEventListener("input", takeFilter);
  byId("filters").addEventListener("submit", (event) => event.preventDefault());
  byId("filters").addEventListener("reset", () => {
    filters = {};
    fillFilters();
    applyFilters();
    writeHash();
  });
  let isDue = false;
  byId("grid").addEventListener("scroll", () => {
    if (isDue) return;
    isDue = true;
    requestAnimationFrame(() => {
      isDue = false;
      drawGrid();
    });
  });
  const detail = byId("detail");
  detail.addEventListener("pointerover", (event) => event.pointerType !== "touch" && light(holderOf(event.target)));
  detail.addEventListener("pointerleave", () => light(document.querySelector(".pinned")));
  detail.addEventListener("focusin", (event) => light(holderOf(event.target)));
  detail.addEventListener("change", takeToggle);
  byId("theme").addEventListener("click", nextTheme);
  byId("help-open").addEventListener("click", () => byId("help").showModal());
}

/** Load the files of a folder one after the other; each calls pageCards with its cards. */
function loadShards() {
  let number = 0;
  const next = () => {
    if (number === head.shards) return;
    const script = make("script", { src: `answers/${number}.js` });
    script.addEventListener("load", next);
    script.addEventListener("error", () => {
      byId("notes").hidden = false;
      byId("notes").append(make("li", {}, `The file ${script.getAttribute("src")} beside this page cannot be read.`));
    });
    number += 1;
    document.head.append(script);
  };
  let drawnUntil = 0;
  const pageCards = (more) => {
    cards.push(...more);
    if (cards.length === head.cards || cards.length > 2 * drawnUntil) {
      drawnUntil = cards.length;
      readHash();
    }
  };
  Object.assign(window, { pageCards });
  next();
}

document.body.classList.add("with-found", "with-true");
for (const [name, colour] of Object.entries(head.verdicts ?? {})) {
  for (const [use, value] of [["", colour], ["on-", inkOn(colour)], ["edge-", edgeOn(colour)]])
    document.documentElement.style.setProperty(`--${use}${name}`, value);
}
if (isJudged) document.body.classList.add("has-truth", "by-verdict");
byId("notes").append(...(head.notes ?? []).map((note) => make("li", {}, note)));
byId("notes").hidden = !head.notes?.length;
if (isJudged) byId("lines").append(...["tp", "fp", "fn"].flatMap((name) => [make("dt", {}, lineSample(name, name.toUpperCase())), make("dd", {}, VERDICTS[name])]));
setTheme(storedTheme());
listen();
readHash();
if (head.shards) loadShards();
