// Which cards are shown, and in which order: what is known of each card, the filters, and the address that holds them.

/** What filters and orders look at; in a comparison, of both answers. */
function factsOf(card) {
  const answers = card.answers.filter((answer) => answer !== null);
  const shapes = [...answers.flatMap((answer) => answer.shapes ?? []), ...(card.truth ?? [])];
  const main = card.answers[0];
  return {
    outcomes: new Set(card.answers.map((answer) => answer?.outcome ?? "unanswered")),
    labels: new Set(shapes.map(labelOf)),
    codes: new Set(answers.flatMap((answer) => (answer.issues ?? []).map((issue) => head.issues[issue.code].code))),
    models: new Set(answers.filter((a) => a.model !== undefined).map((answer) => head.models[answer.model])),
    wrong: main?.counts ? main.counts[1] : 0,
    missed: main?.counts ? main.counts[2] : (card.truth ?? []).length,
    f1: main ? main.f1 : card.truth?.length ? 0 : undefined,
    iou: main?.iou,
    gain: (card.answers[1]?.f1 ?? 0) - (main?.f1 ?? 0),
    issues: answers.reduce((sum, answer) => sum + (answer.issues ?? []).length, 0),
    shapes: (main?.shapes ?? []).length,
    text: null,
  };
}

function textOf(place) {
  const fact = facts[place];
  if (fact.text === null) {
    const card = cards[place];
    const words = card.answers.flatMap((answer) => [
      ...(answer?.pieces ?? []).map((piece) => (typeof piece === "string" ? piece : piece[0])),
      ...(answer?.shapes ?? []).map(labelOf), answer?.prompt ?? "",
    ]);
    fact.text = [...card.assets.map((asset) => asset.name), words.join("")].join("\n").toLocaleLowerCase();
  }
  return fact.text;
}

const SEVERITY = { unanswered: 0, unreadable: 1, partial: 2, empty: 3, ok: 4 };
const worstOutcome = (fact) => Math.min(...[...fact.outcomes].map((outcome) => SEVERITY[outcome]));
const ORDERS = {
  "": { title: "file order" },
  worst: { title: "worst first", of: (a, b) => b.wrong + b.missed - a.wrong - a.missed || (a.f1 ?? 2) - (b.f1 ?? 2) || worstOutcome(a) - worstOutcome(b) || b.issues - a.issues },
  f1: { title: "lowest F1", of: (a, b) => (a.f1 ?? 2) - (b.f1 ?? 2), judged: true },
  iou: { title: "lowest IoU", of: (a, b) => (a.iou ?? 2) - (b.iou ?? 2), judged: true },
  difference: { title: "largest difference", of: (a, b) => Math.abs(b.gain) - Math.abs(a.gain), judged: true, compared: true },
  shapes: { title: "most annotations", of: (a, b) => b.shapes - a.shapes },
};
const MISTAKES = {
  fp: { title: "false positives", of: (fact) => fact.wrong > 0 },
  fn: { title: "false negatives", of: (fact) => fact.missed > 0 },
  any: { title: "any mistake", of: (fact) => fact.wrong + fact.missed > 0 },
  none: { title: "no mistake", of: (fact) => fact.wrong + fact.missed === 0 },
};

const isJudged = head.threshold !== undefined;
const FIELDS = ["picked", "q", "outcome", "label", "issue", "model", "mistake", "f1", "iou", "sort"];
/** @type {Record<string, string>} */
let filters = {};
let view = "answers";
/** The place of the open card in `cards`, and of the marked one in `shown`. */
let open = -1;
let marked = 0;
const facts = [];
/** The places of the cards that pass the filters, in order. */
let shown = [];

/** The list of cards that the address names by its number from 1. */
const pickOf = () => picks[Number(filters.picked) - 1];

function passes(place) {
  const fact = facts[place];
  const words = (filters.q ?? "").toLocaleLowerCase().split(/\s+/).filter(Boolean);
  return (
    (!filters.picked || (pickOf()?.places.has(place) ?? true)) &&
    (!filters.outcome || fact.outcomes.has(filters.outcome)) &&
    (!filters.label || fact.labels.has(filters.label)) &&
    (!filters.issue || fact.codes.has(filters.issue)) &&
    (!filters.model || fact.models.has(filters.model)) &&
    (!filters.mistake || (MISTAKES[filters.mistake]?.of(fact) ?? true)) &&
    (!filters.f1 || (fact.f1 ?? 2) * 100 <= Number(filters.f1)) &&
    (!filters.iou || (fact.iou ?? 2) * 100 <= Number(filters.iou)) &&
    words.every((word) => textOf(place).includes(word))
  );
}

function applyFilters() {
  shown = [...cards.keys()].filter(passes);
  const order = ORDERS[filters.sort]?.of;
  if (order) shown.sort((a, b) => order(facts[a], facts[b]) || a - b);
  marked = Math.max(0, shown.indexOf(open));
  const isFiltered = FIELDS.some((name) => filters[name] && name !== "sort");
  const loading = cards.length < head.cards ? `, loading ${cards.length.toLocaleString("en")}` : "";
  byId("count").textContent =
    (isFiltered ? `${shown.length.toLocaleString("en")} of ` : "") + plural(head.cards, "answer") + loading;
  byId("nothing").hidden = shown.length > 0 || cards.length < head.cards;
  byId("clear").hidden = !isFiltered;
  for (const name of FIELDS) byId(name).classList.toggle("on", Boolean(filters[name]) && name !== "sort");
  drawGrid(true);
}

function readHash() {
  const said = new URLSearchParams(location.hash.slice(1));
  filters = Object.fromEntries(FIELDS.filter((name) => said.get(name)).map((name) => [name, said.get(name)]));
  view = said.get("view") ?? (every('[role="tab"]')[0].dataset.view);
  const wanted = Number(said.get("open") ?? 0) - 1;
  for (let place = facts.length; place < cards.length; place++) facts.push(factsOf(cards[place]));
  fillFilters();
  showView();
  applyFilters();
  if (wanted === open) return;
  if (cards[wanted]) openCard(wanted, false);
  else closeCard(false);
}

function writeHash() {
  const said = new URLSearchParams(filters);
  if (every('[role="tab"]').length > 1) said.set("view", view);
  if (open >= 0) said.set("open", String(open + 1));
  try {
    history.replaceState(null, "", `#${said}`);
  } catch {
    // a viewer that shows the page without an address
  }
}

function showView() {
  for (const tab of every('[role="tab"]'))
    tab.setAttribute("aria-selected", String(tab.dataset.view === view));
  for (const panel of every('[role="tabpanel"]')) panel.hidden = panel.id !== `view-${view}`;
}

function fillSelect(name, all, choices) {
  const select = byId(name);
  select.replaceChildren(
    make("option", { value: "" }, all),
    ...choices.map(([value, title]) => make("option", { value }, title)),
  );
  if (filters[name] && !choices.some(([value]) => value === filters[name]))
    select.append(make("option", { value: filters[name] }, filters[name]));
  select.value = filters[name] ?? "";
  select.parentElement.hidden = choices.length < 1;
}

/** Each value of a set of facts with how many cards have it, the most frequent first. */
function counted(field, title = (value) => value) {
  const counts = new Map();
  for (const fact of facts) for (const value of fact[field]) counts.set(value, (counts.get(value) ?? 0) + 1);
  const rows = [...counts].toSorted((a, b) => b[1] - a[1]);
  return rows.map(([value, count]) => [value, `${title(value)} (${count.toLocaleString("en")})`]);
}

function fillFilters() {
  fillSelect("picked", "all answers", pickOf() ? [[filters.picked, pickOf().title]] : []);
  fillSelect("outcome", "any", counted("outcomes", (outcome) => OUTCOMES[outcome] ?? outcome));
  fillSelect("label", "any", counted("labels"));
  fillSelect("issue", "any", counted("codes"));
  fillSelect("model", "any", head.models.length > 1 ? counted("models") : []);
  fillSelect("mistake", "any number of", isJudged ? Object.entries(MISTAKES).map(([value, { title }]) => [value, title]) : []);
  const orders = Object.entries(ORDERS).filter(([value, order]) => value && (isJudged || !order.judged) && (head.sides.length > 1 || !order.compared));
  fillSelect("sort", ORDERS[""].title, orders.map(([value, { title }]) => [value, title]));
  byId("q").value = filters.q ?? "";
  for (const name of ["f1", "iou"]) {
    byId(name).value = filters[name] ?? "100";
    byId(`${name}-value`).textContent = filters[name] ? percent(Number(filters[name]) / 100) : "1.00";
  }
}

function takeFilter(event) {
  const { id, value } = event.target;
  if (!FIELDS.includes(id)) return;
  filters[id] = value;
  if (!value || (event.target.type === "range" && value === "100")) delete filters[id];
  if (event.target.type === "range") byId(`${id}-value`).textContent = percent(Number(value) / 100);
  byId("grid").scrollTop = 0;
  applyFilters();
  writeHash();
}
