// The grid, of which only the rows that can be seen are drawn.

/** The elements of the cards that are drawn, by their place in `shown`. */
const drawnCards = new Map();

function layout() {
  const width = byId("grid").clientWidth - 32;
  const columns = Math.max(1, Math.floor((width + CARD.gap) / (CARD.width + CARD.gap)));
  const cardWidth = (width - CARD.gap * (columns - 1)) / columns;
  return { columns, width: cardWidth, rowHeight: CARD.height + CARD.gap };
}

/** Draw the rows that can be seen, and one more on each side; `anew` if other cards are shown than before. */
function drawGrid(anew = false) {
  const grid = byId("grid");
  const { columns, width, rowHeight } = layout();
  const rows = Math.ceil(shown.length / columns);
  byId("rows").style.height = `${rows * rowHeight}px`;
  const first = Math.max(0, Math.floor(grid.scrollTop / rowHeight) - 1) * columns;
  const last = Math.min(shown.length, (Math.ceil((grid.scrollTop + grid.clientHeight) / rowHeight) + 1) * columns);
  for (const [place, element] of drawnCards) {
    if (!anew && place >= first && place < last && element.dataset.width === String(width)) continue;
    element.remove();
    drawnCards.delete(place);
  }
  for (let place = first; place < last; place++) {
    if (drawnCards.has(place)) continue;
    const element = cardElement(place, width);
    element.style.transform = `translate(${(place % columns) * (width + CARD.gap)}px, ${Math.floor(place / columns) * rowHeight}px)`;
    drawnCards.set(place, element);
    byId("rows").append(element);
  }
  markCard();
}

function cardElement(place, width) {
  const card = cards[shown[place]];
  const answer = card.answers[0] ?? card.answers[1];
  const outcome = card.answers[0]?.outcome ?? "unanswered";
  const thumb = make("div", { class: "thumb" });
  const height = CARD.height - CARD.caption;
  thumb.style.height = `${height}px`;
  const seen = card.assets.slice(0, 3);
  const share = width / seen.length;
  seen.forEach((asset, number) => {
    const frame = frameOf(asset, thumbnailShapes(card, answer, number));
    const ratio = ratioOf(asset);
    frame.style.width = `${Math.min(share, height * ratio)}px`;
    frame.style.height = `${Math.min(height, share / ratio)}px`;
    thumb.append(frame);
  });
  const element = make(
    "div",
    {
      class: `card is-${outcome}`, id: `card-${shown[place]}`, role: "option", "data-place": place, "data-width": width,
      "aria-selected": "false", "aria-posinset": place + 1, "aria-setsize": shown.length, "aria-label": cardName(card, outcome),
    },
    thumb,
    make("div", { class: "caption" },
      make("span", { class: "name", title: nameOf(card) }, nameOf(card)),
      make("span", { class: "facts" }, ...cardFacts(card, outcome)),
    ),
  );
  element.style.width = `${width}px`;
  element.style.height = `${CARD.height}px`;
  return element;
}

const nameOf = (card) => card.assets.map((asset) => asset.name).join(", ") || "an answer without an image";

function cardFacts(card, outcome) {
  const main = card.answers[0];
  const count = (main?.shapes ?? []).length;
  const facts = [make("span", { class: `outcome-${outcome}` }, OUTCOMES[outcome])];
  if (count) facts.push(make("span", {}, plural(count, "mark")));
  if (main?.issues?.length && outcome === "ok") facts.push(make("span", {}, plural(main.issues.length, "issue")));
  if (isJudged && card.answers[1] !== undefined)
    facts.push(make("span", { class: "f1", title: `F1 of ${head.sides.join(" and ")}` }, `F1 ${percent(main?.f1)} | ${percent(card.answers[1]?.f1)}`));
  else if (main?.f1 !== undefined) facts.push(make("span", { class: "f1" }, `F1 ${percent(main.f1)}`));
  return facts;
}

function cardName(card, outcome) {
  const main = card.answers[0];
  const parts = [nameOf(card), OUTCOMES[outcome], plural((main?.shapes ?? []).length, "mark")];
  if (main?.f1 !== undefined) parts.push(`F1 ${percent(main.f1)}`);
  return parts.join(", ");
}

function markCard() {
  byId("grid").setAttribute("aria-activedescendant", shown.length ? `card-${shown[marked]}` : "");
  for (const [place, element] of drawnCards) element.setAttribute("aria-selected", String(place === marked));
}

function moveTo(place, isFocus = false) {
  if (!shown.length) return;
  marked = Math.min(Math.max(place, 0), shown.length - 1);
  const grid = byId("grid");
  const { columns, rowHeight } = layout();
  const top = Math.floor(marked / columns) * rowHeight;
  if (top < grid.scrollTop) grid.scrollTop = top;
  if (top + rowHeight > grid.scrollTop + grid.clientHeight - 12) grid.scrollTop = top + rowHeight - grid.clientHeight + 24;
  drawGrid();
  if (open >= 0) openCard(shown[marked], isFocus);
}
