"use strict";
// The members of a study: figures, a brush on their inputs, and a click that loads one.
const study = (() => {
  const { el, table, figure } = draw;
  const $ = (id) => document.getElementById(id);
  const FAINT = 0.06, ROWS = 50, DRAG = 6;
  let data = null, page = null, lang = "en", load = () => {}, brush = {}, timer = 0;

  const word = (key) => page.words[key];
  const inside = (one) => Object.entries(brush).every(([name, part]) => {
    const value = one.values[name];
    return typeof part === "string" ? String(value) === part : value >= part[0] && value <= part[1];
  });

  async function begin(page_, lang_, loaded) {
    [page, lang, load] = [page_, lang_, loaded];
    $("study").hidden = !page.study;
    if (!page.study) return;
    data = await asks.study(lang);
    $("study-title").textContent = `${word("study")}${page.colon}${data.title}`;
    $("study-told").textContent = data.told;
    $("brush-hint").textContent = word("brush_hint");
    controls();
    await fan(data.fan, asks.fan ? "" : data.fan_all);
    await lines();
  }

  // ---- figures -------------------------------------------------------------------------------------------------
  async function shown(place, given, told, ready) {
    await figure(place.querySelector(".place"), given, false, told, ready);
    place.querySelector(".numbers").replaceChildren(el("details", {}, el("summary", { text: word("numbers") }), table(given.table)));
  }
  const fan = (given, told) => shown($("fan"), given, told);
  // Lines beyond the brush stay, faintly: only their opacity changes.
  async function lines() {
    const kept = data.members.filter(inside), draws = kept.map((one) => one.draw);
    const spec = structuredClone(data.parallel.spec);
    for (const layer of spec.layer) {
      if (layer.encoding?.detail?.field !== "draw") continue;
      layer.encoding.opacity = { condition: { test: { field: "draw", oneOf: draws }, value: layer.mark.opacity }, value: FAINT };
    }
    rows(kept);
    await shown($("parallel"), { ...data.parallel, spec }, "", listen);
  }
  function listen(view, inner) {
    const svg = inner.querySelector("svg");
    let from = null, dragged = false;
    const at = (event) => { const box = svg.getBoundingClientRect(), [x, y] = view.origin(); return [event.clientX - box.left - x, event.clientY - box.top - y]; };
    svg.addEventListener("pointerdown", (event) => { from = at(event); dragged = false; });
    svg.addEventListener("pointerup", (event) => {
      if (!from) return;
      const [x, y] = at(event), x0 = from[0];
      from = null;
      if (Math.abs(x - x0) < DRAG) return;
      dragged = true;
      const scale = view.scale("y"), apart = (name) => Math.abs(y - scale(name) - scale.bandwidth() / 2);
      const row = scale.domain().reduce((best, name) => apart(name) < apart(best) ? name : best);
      const input = data.inputs.find((one) => one.name === row);
      if (!input?.ends) return;
      const [low, high] = input.ends, value = (place) => Math.min(high, Math.max(low, low + view.scale("x").invert(place) * (high - low)));
      brushed(row, [value(Math.min(x, x0)), value(Math.max(x, x0))]);
      controls();
    });
    view.addEventListener("click", (event, item) => {
      const one = data.members.find((member) => member.draw === item?.datum?.draw);
      if (one?.state && !dragged) load(one.state);
    });
  }

  // ---- the brush -----------------------------------------------------------------------------------------------
  function brushed(name, part) {
    if (part === null) delete brush[name]; else brush[name] = part;
    clearTimeout(timer);
    timer = setTimeout(apply, 60);
  }
  async function apply() {
    $("study-told").textContent = data.told;
    await lines();
    if (!asks.fan) return;
    const answer = await asks.fan(brush, lang);
    if (answer.faults) { $("study-told").textContent = answer.faults.join(" "); return; }
    $("study-told").textContent = `${data.told} ${Object.keys(brush).length ? answer.told : ""}`;
    if (answer.fan) await fan(answer.fan, Object.keys(brush).length ? answer.told : "");
  }
  function controls() {
    const own = data.inputs.map((input) => {
      const part = brush[input.name];
      if (input.choices) {
        const choice = el("select", { "data-brush": input.name }, el("option", { value: "", text: word("brush_any") }), ...input.choices.map((one) => el("option", { value: one, text: one })));
        choice.value = part ?? "";
        choice.addEventListener("change", () => brushed(input.name, choice.value || null));
        return el("label", {}, input.name, choice);
      }
      const box = (n, key) => {
        const made = el("input", { type: "number", step: "any", "data-brush": input.name, "aria-label": `${input.name}${page.colon}${word(key)}`, value: Number((part ?? input.ends)[n].toPrecision(6)) });
        made.addEventListener("change", () => {
          const ends = [...(brush[input.name] ?? input.ends)];
          ends[n] = made.value === "" ? input.ends[n] : Number(made.value);
          brushed(input.name, ends);
        });
        return made;
      };
      return el("fieldset", {}, el("legend", { text: input.name }), box(0, "brush_from"), box(1, "brush_to"));
    });
    const clear = el("button", { type: "button", text: word("brush_clear"), onclick: () => { brush = {}; controls(); apply(); } });
    $("brushes").replaceChildren(...own, clear);
  }
  function rows(kept) {
    const best = [...kept].slice(0, ROWS);
    const body = best.map((one) => el("tr", {}, ...one.row.map((text, n) => el(n ? "td" : "th", { scope: n ? null : "row", class: n > 1 ? "number" : null, text })),
      el("td", {}, one.state
        ? el("button", { type: "button", text: word("load"), "data-draw": one.draw, "aria-label": `${word("load")}${page.colon}${data.heads[0]} ${one.draw}`, onclick: () => load(one.state) })
        : word("not_loaded"))));
    $("members").replaceChildren(el("div", { class: "scroll tall", role: "region", tabindex: "0", "aria-label": word("study") },
      el("table", {}, el("thead", {}, el("tr", {}, ...data.heads.map((text, n) => el("th", { scope: "col", class: n > 1 ? "number" : null, text })), el("td"))), el("tbody", {}, ...body))));
  }

  return { begin };
})();
