// Words and shapes that belong together light each other; a tip says what they are.

const keysOf = (element) => (element?.dataset.keys ?? element?.dataset.key ?? "").split(" ").filter(Boolean);
const holderOf = (target) => target.closest?.("[data-keys],[data-key],[data-issues],[data-issue]");

/** Light everything in a side that shares a key or an issue with an element; nothing for null. */
function light(element) {
      const side = element?.closest(".side");
  for (const each of every(".side")) lightIn(each, each === side ? element : each.querySelector(".pinned"));
  if (element) showTip(element);
  else hideTip();
}

function lightIn(side, element) {
  const keys = new Set(keysOf(element));
  const issues = new Set((element?.dataset.issues ?? element?.dataset.issue ?? "").split(" ").filter(Boolean));
  for (const each of every("[data-key],[data-keys],[data-issue],[data-issues]", side)) {
    const own = keysOf(each);
    const about = (each.dataset.issues ?? each.dataset.issue ?? "").split(" ");
    const isLit = own.some((key) => keys.has(key)) || (!keys.size && about.some((number) => issues.has(number)));
    each.classList.toggle("lit", isLit);
  }
  const hasLit = side.querySelector(".shape.lit") !== null;
  for (const stage of every(".stage", side)) stage.classList.toggle("has-lit", hasLit);
}

function pin(element) {
  const isNew = !element.classList.contains("pinned");
  for (const each of every(".pinned")) {
    each.classList.remove("pinned");
    if (each.hasAttribute("aria-pressed")) each.setAttribute("aria-pressed", "false");
  }
  element.classList.toggle("pinned", isNew);
  if (element.hasAttribute("aria-pressed")) element.setAttribute("aria-pressed", String(isNew));
  light(isNew ? element : null);
}

function tipOf(element) {
  const card = cards[open];
  const answer = card?.answers[Number(element.closest(".side")?.dataset.side ?? 0)];
  const shapes = keysOf(element).map((key) => (key[0] === "s" ? answer?.shapes?.[key.slice(1)] : card.truth?.[key.slice(1)]));
  const lines = shapes.slice(0, 6).filter(Boolean).map((shape) => {
    const parts = [labelOf(shape), SHAPES[shape.kind]];
    if (shape.t !== undefined) parts.push(timeOf(shape));
    if (shape.score !== undefined) parts.push(`score ${percent(shape.score)}`);
    if (shape.verdict) parts.push(VERDICTS[shape.verdict] + (shape.iou === undefined ? "" : `, IoU ${percent(shape.iou)}`));
    return parts.join(" · ");
  });
  if (shapes.length > 6) lines.push(`and ${shapes.length - 6} more`);
  for (const number of (element.dataset.issues ?? "").split(" ").filter(Boolean).slice(0, 4)) {
    const { code, severity, meaning } = head.issues[answer.issues[number].code];
    lines.push(`${severity}: ${code} – ${meaning}`);
  }
  return lines.join("\n");
}

function showTip(element) {
  const text = element.matches(".mention, .issue, .unread, .shape, .time-bar") ? tipOf(element) : "";
  if (!text) return hideTip();
  const tip = byId("tip");
  tip.textContent = text;
  tip.hidden = false;
  element.setAttribute("aria-describedby", "tip");
  const box = element.getBoundingClientRect();
  const below = box.bottom + 8 + tip.offsetHeight < innerHeight;
  tip.style.left = `${Math.max(8, Math.min(box.left, innerWidth - tip.offsetWidth - 8))}px`;
  tip.style.top = `${below ? box.bottom + 8 : Math.max(8, box.top - tip.offsetHeight - 8)}px`;
}

function hideTip() {
  byId("tip").hidden = true;
}
