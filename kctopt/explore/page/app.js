"use strict";
// The page: levers make a state, the address holds it, the server answers it. The latest request alone is kept.
(() => {
  const { el, table, head, figure } = draw;
  const $ = (id) => document.getElementById(id);
  const MOST_PINS = 6, WAIT = 25;
  const tab = "t" + crypto.getRandomValues(new Uint32Array(2)).join("");
  const OPEN = new Set(["allocation", "security"]);
  let page, lang = "en", state = {}, against = {}, pins = [], found = [], base = null;
  let undone = [], redone = [], moving = null, asking = null, timer = 0, answer = {}, turn = 0;

  const clone = (value) => structuredClone(value);
  const same = (one, other) => JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
  function sorted(value) {
    if (value === null || typeof value !== "object" || Array.isArray(value)) return value;
    return Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]));
  }
  const word = (key, values = {}) => page.words[key].replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);

  // ---- the address ---------------------------------------------------------------------------------------------
  function readAddress() {
    const held = new URLSearchParams(location.hash.slice(1));
    lang = held.get("lang") === "zh" ? "zh" : "en";
    try { state = tidy(JSON.parse(held.get("s") || "{}")); } catch { state = {}; }
    try { against = tidy(JSON.parse(held.get("base") || "{}")); } catch { against = {}; }
    try { pins = JSON.parse(held.get("pins") || "[]").slice(0, MOST_PINS).map(({ name, state: at }) => ({ name: String(name), state: at })); } catch { pins = []; }
  }
  function writeAddress() {
    const held = new URLSearchParams({ lang });
    if (Object.keys(state).length) held.set("s", JSON.stringify(state));
    if (Object.keys(against).length) held.set("base", JSON.stringify(against));
    if (pins.length) held.set("pins", JSON.stringify(pins.map(({ name, state: at }) => ({ name, state: at }))));
    history.replaceState(null, "", "#" + held);
  }

  // ---- the state -----------------------------------------------------------------------------------------------
  function tidy(given) {
    return Object.fromEntries(Object.entries(given).filter(([, values]) => !values || typeof values !== "object" || Object.keys(values).length));
  }
  function begin() { if (moving === null) moving = clone(state); }
  function moved(next, done = true) {
    begin();
    if (page.kept) $("kept").textContent = page.kept.told;
    state = tidy(next);
    if (done) {
      if (!same(moving, state)) { undone.push(moving); redone = []; }
      moving = null;
    }
    changed();
  }
  function changed() {
    writeAddress();
    refresh();
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  }
  function step(from, to) {
    if (!from.length) return;
    to.push(clone(state));
    state = from.pop();
    moving = null;
    levers();
    changed();
  }
  function put(next, part, path, value, at) {
    next[part] = { ...(next[part] || {}) };
    if (value === at) delete next[part][path]; else next[part][path] = value;
  }
  const valueOf = (lever) => lever.policy
    ? state.policies?.[lever.policy]?.[lever.field] ?? lever.value
    : state[lever.way]?.[lever.paths[0]] ?? lever.value;
  function put_lever(next, lever, value) {
    if (lever.policy) {
      next.policies = { ...(next.policies || {}) };
      const fields = { ...(next.policies[lever.policy] || {}) };
      if (value === lever.value) delete fields[lever.field]; else fields[lever.field] = value;
      if (Object.keys(fields).length) next.policies[lever.policy] = fields; else delete next.policies[lever.policy];
    } else {
      for (const path of lever.paths) put(next, lever.way, path, value, lever.value);
    }
  }
  function move(lever, value, done) {
    const next = clone(state);
    if (lever.tied.length > 1) {  // the others give way in proportion, and the last makes the sum exact
      const others = page.levers.filter((one) => lever.tied.includes(one.id) && one.id !== lever.id);
      const rest = others.reduce((sum, one) => sum + valueOf(one), 0);
      value = Math.min(value, 1);
      const first = Math.round(1e6 * (rest > 0 ? (1 - value) * valueOf(others[0]) / rest : (1 - value) / 2)) / 1e6;
      put_lever(next, lever, value);
      put_lever(next, others[0], first);
      put_lever(next, others[1], Math.max(0, Math.round(1e9 * (1 - value - first)) / 1e9));
    } else put_lever(next, lever, value);
    moved(next, done);
  }

  // ---- levers --------------------------------------------------------------------------------------------------
  const stepOf = (lever) => lever.whole ? 1 : Number(((lever.high - lever.low) / 200).toPrecision(1)) || 0.01;
  function leverRow(lever) {
    const id = "lever-" + lever.id.replace(/[^\w-]/g, "_") + (lever.group === "found" ? "-found" : "");
    const range = el("input", { type: "range", id, min: toRange(lever, lever.low), max: toRange(lever, lever.high), step: "any", "data-lever": lever.id });
    const box = el("input", { type: "number", min: lever.least, max: lever.most, step: "any", "aria-label": lever.label + " " + lever.unit });
    const back = el("button", { type: "button", "aria-label": word("back") + ": " + lever.label, text: "↺", title: word("back") });
    range.step = lever.points ? 1 : stepOf(lever);
    const shown = lever.way === "scale" && lever.shown ? ` · ${lever.shown}` : "";
    const about = [
      word("base_value", { value: lever.value + (lever.unit ? " " + lever.unit : "") + shown }),
      lever.points ? `${word("points")}${page.colon}${lever.points.join(", ")}` : `${word("span_" + lever.span)}${page.colon}${lever.low} … ${lever.high}`,
      lever.source && `${word("source")}${page.colon}${lever.source}`,
      lever.place && `${word("set_in")}${page.colon}${lever.place}`,
      lever.tied.length > 1 && word("tied"),
      lever.paths.join(", "),
    ].filter(Boolean);
    const grade = lever.grade === "assumption"
      ? el("span", { class: "assumption", text: page.grades.assumption }) : el("span", { text: lever.grade && `${word("grade")}${page.colon}${lever.grade}` });
    const row = el("div", { class: "lever" }, el("label", { for: id, text: lever.label }),
      el("div", { class: "row" }, range, box, el("span", { class: "unit", text: lever.unit }), back),
      el("details", {}, el("summary", {}, word("source"), " ", grade), ...about.map((text) => el("div", { text }))));
    const slid = () => lever.points ? lever.points[range.value] : snapped(lever, Number(range.value));
    range.addEventListener("input", () => { box.value = slid(); move(lever, slid(), false); });
    range.addEventListener("change", () => move(lever, slid(), true));
    box.addEventListener("change", () => {
      if (box.value === "" || !Number.isFinite(Number(box.value))) return;
      const asked = Number(box.value), value = lever.points ? nearest(lever, asked) : asked;
      move(lever, value, true);
      if (value !== asked) { box.value = value; near(); }
    });
    back.addEventListener("click", () => { lever.tied.length > 1 ? resetTied(lever) : move(lever, lever.value, true); });
    row.refresh = () => {
      const value = valueOf(lever);
      if (document.activeElement !== range || Number(range.value) !== toRange(lever, value)) range.value = toRange(lever, value);
      if (document.activeElement !== box) box.value = Number(value.toPrecision(10));
      row.classList.toggle("moved", value !== lever.value);
      back.disabled = value === lever.value;
      range.setAttribute("aria-valuetext", `${Number(value.toPrecision(6))} ${lever.unit}`);
    };
    return row;
  }
  // Of a lever with points the slider goes from one to the next.
  const nearest = (lever, value) => lever.points.reduce((best, one) => Math.abs(one - value) < Math.abs(best - value) ? one : best);
  const toRange = (lever, value) => lever.points ? lever.points.indexOf(nearest(lever, value)) : value;
  // The slider passes its base value exactly.
  const snapped = (lever, value) => Math.abs(value - lever.value) < stepOf(lever) / 2 ? lever.value : value;
  function resetTied(lever) {
    const next = clone(state);
    for (const one of page.levers.filter((other) => lever.tied.includes(other.id))) put_lever(next, one, one.value);
    moved(next);
  }
  function levers() {
    const open = new Set([...document.querySelectorAll("#groups > details[open]")].map((one) => one.dataset.group));
    const shown = (group) => group !== "found" && (!page.kept || page.levers.some((lever) => lever.group === group));
    const groups = Object.keys(page.groups).filter(shown).map((group, n) => {
      const own = page.levers.filter((lever) => lever.group === group);
      const body = group === "policies" && !page.kept ? [...policies(), ...own.map(leverRow), newRule()] : own.map(leverRow);
      return el("details", { "data-group": group, open: open.size ? open.has(group) : n < 2 }, el("summary", { text: page.groups[group] }), ...body);
    });
    $("groups").replaceChildren(...groups);
    $("found").replaceChildren(...found.map(leverRow));
    refresh();
  }
  function refresh() {
    for (const row of document.querySelectorAll(".lever")) row.refresh();
    $("undo").disabled = !undone.length;
    $("redo").disabled = !redone.length;
    $("reset").disabled = !Object.keys(state).length;
  }
  function policy(id, value) {
    const next = clone(state);
    next.policies = { ...(next.policies || {}) };
    if (value === undefined) delete next.policies[id]; else next.policies[id] = value;
    moved(next);
    levers();
  }
  function policies() {
    const known = new Set(page.policies.map((one) => one.id));
    const rows = page.policies.map((one) => {
      const id = "policy-" + one.id.replace(/[^\w-]/g, "_");
      const box = el("input", { type: "checkbox", id, "data-policy": one.id });
      box.checked = state.policies?.[one.id] !== null;
      box.addEventListener("change", () => policy(one.id, box.checked ? undefined : null));
      const now = { ...one.fields, ...(state.policies?.[one.id] || {}) };
      return el("div", { class: "policy" }, box, el("label", { for: id, text: one.id + page.colon + one.text }),
        box.checked ? edit(one.id, now, one.fields) : null);
    });
    for (const [id, rule] of Object.entries(state.policies || {})) {
      if (known.has(id) || !rule) continue;
      const key = rule.kind === "target" ? "min_ratio" : "amount";
      const parts = [page.words["policy_" + rule.kind] ?? rule.kind, label(page.domains, rule.domain), label(page.types, rule.type), rule.years || rule.by];
      const number = el("input", { type: "number", step: "any", min: 0, value: rule[key], "aria-label": `${id} ${word(key === "amount" ? "policy_amount" : "policy_ratio")}` });
      number.addEventListener("change", () => { if (number.value !== "") policy(id, { ...rule, [key]: Number(number.value) }); });
      rows.push(el("div", { class: "policy" }, el("span", { text: `${id}${page.colon}${parts.filter(Boolean).join(" · ")}` }), number,
        el("button", { type: "button", text: word("policy_remove"), "aria-label": `${word("policy_remove")}: ${id}`, onclick: () => policy(id) }), edit(id, rule, null)));
    }
    return rows.length ? rows : [el("p", { class: "about", text: word("no_policies") })];
  }
  // Where and when a rule holds. Of one of the scenario's own, what it states already is not stated again.
  function edit(id, rule, own) {
    const put = (changes) => {
      const next = own ? { ...(state.policies?.[id] || {}), ...changes } : { ...rule, ...changes };
      for (const [key, value] of Object.entries(next)) if (value === "" || (own && own[key] === value)) delete next[key];
      policy(id, Object.keys(next).length ? next : undefined);
    };
    const select = (name, key, choices, at, heard) => {
      const made = el("select", { "data-edit": `${id} ${name}` }, ...choices.map((one) => el("option", { value: one.id, text: one.label })));
      made.value = at;
      made.addEventListener("change", () => heard(made.value));
      return el("label", {}, word(key), made);
    };
    const all = [{ id: "", label: word("policy_all") }];
    const years = page.years.map((year) => ({ id: String(year), label: String(year) }));
    const [first, last] = (rule.years || `${page.years[0]}-${page.years.at(-1)}`).split("-");
    const span = (from, to) => put({ years: from === to ? from : from < to ? `${from}-${to}` : `${to}-${from}` });
    const fields = [];
    if (!rule.lines) {
      fields.push(select("domain", "policy_domain", [...(own?.domain ? [] : all), ...page.domains], rule.domain || "", (domain) => put({ domain })));
      fields.push(select("type", "policy_type", [...(own?.type ? [] : all), ...page.types], rule.type || "", (type) => put({ type })));
    }
    if (rule.by) fields.push(select("by", "policy_by", years, String(rule.by), (by) => put({ by: Number(by) })));
    else fields.push(select("from", "policy_from", years, first, (from) => span(from, last ?? first)), select("to", "policy_to", years, last ?? first, (to) => span(first, to)));
    return el("details", { class: "edit" }, el("summary", { text: word("policy_edit") }), el("div", { class: "rule" }, ...fields));
  }
  const label = (list, id) => list.find((one) => one.id === id)?.label ?? "";
  function newRule() {
    const field = (name, control) => el("label", {}, word("policy_" + name), control);
    const options = (list) => [el("option", { value: "", text: word("policy_all") }), ...list.map((one) => el("option", { value: one.id, text: one.label }))];
    const year = (id, at) => el("select", { id }, ...page.years.map((one) => { const made = el("option", { value: one, text: one }); made.selected = one === at; return made; }));
    const kind = el("select", { id: "rule-kind" }, ...["floor", "cap", "target"].map((one) => el("option", { value: one, text: word("policy_" + one) })));
    const domain = el("select", { id: "rule-domain" }, ...options(page.domains)), type = el("select", { id: "rule-type" }, ...options(page.types));
    const amount = el("input", { id: "rule-amount", type: "number", min: 0, step: "any", required: true });
    const first = year("rule-first", page.years[0]), last = year("rule-last", page.years.at(-1)), name = el("input", { id: "rule-name", maxlength: 40, pattern: "[A-Za-z0-9_\\-]+" });
    const from = field("from", first), to = field("to", last), number = field("amount", amount);
    kind.addEventListener("change", () => {
      const target = kind.value === "target";
      from.hidden = target;
      to.firstChild.data = word(target ? "policy_by" : "policy_to");
      number.firstChild.data = word(target ? "policy_ratio" : "policy_amount");
    });
    const form = el("form", { id: "rule" }, el("h3", { text: word("policy_new") }), el("div", { class: "rule" },
      field("kind", kind), field("domain", domain), field("type", type), number, from, to, field("id", name)),
      el("button", { type: "submit", text: word("policy_add") }));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const taken = new Set([...page.policies.map((one) => one.id), ...Object.keys(state.policies || {})]);
      let id = name.value || `${kind.value}-${domain.value || "all"}`;
      for (let n = 2; taken.has(id); n++) id = `${name.value || kind.value}-${n}`;
      const rule = kind.value === "target" ? { kind: "target", min_ratio: Number(amount.value), by: Number(last.value) }
        : { kind: kind.value, amount: Number(amount.value), years: first.value === last.value ? first.value : `${first.value}-${last.value}` };
      if (domain.value) rule.domain = domain.value;
      if (type.value) rule.type = type.value;
      policy(id, rule);
    });
    return form;
  }

  // ---- answers -------------------------------------------------------------------------------------------------
  async function ask() {
    asking?.abort();
    const now = asking = new AbortController();
    const figures = page.figures.map((one) => one.name).filter((name) => OPEN.has(name));
    document.body.dataset.state = "asked";
    $("head-planned").classList.add("stale");
    $("head-held").classList.add("stale");
    $("progress").textContent = `${word("working")} … ${word("not_proven")}`;
    try {
      await asks.answer({ state, base: against, lang, tab, turn: turn++, figures }, (name, data) => { if (asking === now) heard(name, data); }, now.signal);
    } catch (error) {
      if (error.name !== "AbortError" && asking === now) { $("progress").textContent = word("lost"); document.body.dataset.state = "lost"; }
    }
  }
  function heard(name, data) {
    if (name === "held") held(data);
    else if (name === "progress") $("progress").textContent = `${data.text} … ${word("not_proven")}`;
    else if (name === "planned") planned(data);
    else if (name === "worth") { answer.head.splice(-2, 0, ...data.head); showHead(); }
    else if (name === "diagnosis") diagnosis(data);
    else if (name === "fault") fault(data);
    else if (name === "end" && !data.superseded) { document.body.dataset.state = "done"; if (!$("faults").hidden) return; $("progress").textContent = ""; }
  }
  function held(data) {
    $("faults").hidden = true;
    head($("head-held"), page.heads.held, data.head, "head held");
    document.body.dataset.state = "held";
    answer.note = data.note;
    $("note").textContent = data.note;
    if (data.indices) $("indices").replaceChildren(table(data.indices));
    figures(data.figures, true);
  }
  function showHead() { head($("head-planned"), page.heads.planned, answer.head, "head planned"); }
  function planned(data) {
    answer = { ...answer, ...data };
    showHead();
    document.body.dataset.state = "planned";
    $("infeasible").hidden = true;
    if (data.note) $("note").textContent = `${answer.note ?? ""} ${data.note}`;
    if (data.indices) $("indices").replaceChildren(table(data.indices));
    $("movers").replaceChildren(...[table(data.movers)].filter(Boolean));
    $("binding").replaceChildren(...[table(data.binding)].filter(Boolean));
    figures(data.figures, false);
    answer.state = clone(state);
    if (!Object.keys(state).length) base = data;
    showPins();
  }
  function figures(list, held_) {
    for (const data of list || []) {
      const box = document.querySelector(`#figures details[data-figure="${data.name}"]`);
      if (!box) continue;
      figure(box.querySelector(".place"), data, held_, word(held_ ? "drawn_held" : "drawn_planned"));
      box.querySelector(".numbers").replaceChildren(el("details", {}, el("summary", { text: word("numbers") }), table(data.table)));
    }
  }
  function diagnosis(data) {
    const buttons = data.loosen.map((one) => el("button", { type: "button", class: "loosen", text: `${word("loosen")}${page.colon}${one.text}`, onclick: () => { moved(one.state); levers(); } }));
    $("infeasible").replaceChildren(el("h3", { text: word("infeasible") }), el("pre", { text: data.lines.join("\n") }), el("div", { class: "tools" }, ...buttons));
    $("infeasible").hidden = false;
  }
  function fault(data) {
    $("faults").replaceChildren(el("h3", { text: word("faults") }), el("ul", {}, ...data.faults.map((text) => el("li", { text }))));
    $("faults").hidden = false;
    $("progress").textContent = word("faults");
    document.body.dataset.state = "fault";
  }

  // ---- an exported page ----------------------------------------------------------------------------------------
  // Only plans that are there are shown: of a state from elsewhere the nearest one, which is said.
  const near = () => { $("kept").textContent = `${page.kept.told} ${word("kept_near")}`; };
  function keptOnly() {
    $("kept").hidden = !page.kept;
    if (!page.kept) return;
    for (const id of ["find", "save"]) $(id).hidden = true;
    $("kept").textContent = page.kept.told;
    const fitted = fit(state);
    if (!same(fitted, state)) { state = fitted; writeAddress(); near(); }
    pins = pins.filter((one) => asks.has(one.state));
  }
  function fit(given) {
    if (asks.has(given)) return given;
    const next = {};
    for (const lever of page.levers) {
      const at = lever.policy ? given.policies?.[lever.policy]?.[lever.field] : given[lever.way]?.[lever.paths[0]];
      put_lever(next, lever, nearest(lever, typeof at === "number" ? at : lever.value));
    }
    return tidy(next);
  }

  // ---- pins ----------------------------------------------------------------------------------------------------
  function showPins() {
    const heads = answer.heads ?? base?.heads;
    $("pins-title").textContent = page.heads.compare;
    if (!heads) return;
    const rows = [[null, base?.row, page.base.title], ...pins.map((one) => [one, one.row, one.name])].filter(([, row]) => row);
    const body = rows.map(([one, row, name]) => el("tr", {}, one
      ? el("th", { scope: "row" }, rename(one)) : el("th", { scope: "row", text: name }),
      ...row.slice(1).map((text, n) => el("td", { class: n ? "number" : null, text })),
      el("td", {}, ...holdAgainst(one?.state ?? {}, name), ...(one ? [el("button", { type: "button", text: word("load"), "aria-label": `${word("load")}: ${name}`, onclick: () => { moved(clone(one.state)); levers(); } }),
        el("button", { type: "button", text: word("unpin"), "aria-label": `${word("unpin")}: ${name}`, onclick: () => { pins = pins.filter((other) => other !== one); writeAddress(); showPins(); } })] : []))));
    $("pinned").replaceChildren(el("div", { class: "scroll", role: "region", tabindex: "0", "aria-label": page.heads.compare },
      el("table", {}, el("thead", {}, el("tr", {}, ...heads.map((text, n) => el("th", { scope: "col", class: n > 1 ? "number" : null, text })), el("td"))), el("tbody", {}, ...body))));
  }
  // Which plan others are held against: one that is pinned, or that of the base. An exported page has the base's alone.
  function holdAgainst(at, name) {
    if (page.kept) return [];
    if (same(at, against)) return [el("span", { class: "against", text: word("is_against") })];
    return [el("button", { type: "button", text: word("against"), "aria-label": `${word("against")}${page.colon}${name}`, onclick: () => { against = clone(at); writeAddress(); showPins(); ask(); } })];
  }
  function rename(one) {
    const box = el("input", { value: one.name, maxlength: 60, size: 12, "aria-label": word("pin_name") });
    box.addEventListener("change", () => { one.name = box.value || one.name; writeAddress(); });
    return box;
  }
  function pin() {
    if (pins.length >= MOST_PINS) { $("progress").textContent = word("pins_full"); return; }
    if (!answer.row || !same(answer.state, state)) return;
    pins.push({ name: $("pin-name").value.trim() || `${pins.length + 1}`, state: clone(state), row: answer.row });
    $("pin-name").value = "";
    writeAddress();
    showPins();
  }
  async function fillPins() {
    for (const [n, one] of pins.entries()) {
      await asks.answer({ state: one.state, lang, tab: `${tab}-pin${n}`, figures: [] }, (name, data) => { if (name === "planned") { one.row = data.row; answer.heads ??= data.heads; } });
      showPins();
    }
  }
  async function fillBase() {
    await asks.answer({ state: {}, lang, tab: `${tab}-base`, figures: [] }, (name, data) => { if (name === "planned") base = data; });
    showPins();
  }

  // ---- saving --------------------------------------------------------------------------------------------------
  async function save(folder) {
    const name = $("save-name").value.trim();
    if (!$("save").reportValidity() || !name) return;
    $("saved").textContent = word("saving");
    const also = folder ? [...document.querySelectorAll("#save-also input:checked")].map((one) => one.value) : [];
    await asks.save({ state, lang, tab, name, folder, also }, (event, data) => {
      if (event === "fault") $("saved").replaceChildren(el("ul", {}, ...data.faults.map((text) => el("li", { text }))));
      if (event === "progress") $("saved").textContent = `${word("saving")}${page.colon}${data.text}`;
      if (event !== "saved") return;
      const numbers = el("dl");
      head(numbers, "", data.head, "head");
      $("saved").replaceChildren(el("p", { text: data.told }), numbers);
      $("saved").dataset.objective = data.objective;
      if (!data.written) {
        const link = el("a", { href: URL.createObjectURL(new Blob([data.text], { type: "text/yaml" })), download: data.file });
        link.click();
        URL.revokeObjectURL(link.href);
      }
    }).catch(() => { $("saved").textContent = word("lost"); });
  }

  // ---- beginning -----------------------------------------------------------------------------------------------
  async function load() {
    page = await asks.page(lang);
    keptOnly();
    document.documentElement.lang = page.html;
    document.title = `${page.base.title} · ${page.words.title}`;
    for (const one of document.querySelectorAll("[data-word]")) one.textContent = word(one.dataset.word);
    $("title").textContent = page.base.title;
    $("asks").textContent = page.base.asks;
    $("find-text").placeholder = word("find_hint");
    $("save-folder").hidden = $("save-also").hidden = !page.folder;
    $("save-folder").textContent = page.words.save_folder;
    $("save-name").value ||= page.base.name + "-moved";
    $("lang").replaceChildren(...page.langs.map((one) => { const made = el("option", { value: one, text: page.names[one] }); made.selected = one === lang; return made; }));
    $("figures").replaceChildren(...page.figures.map(({ name, title }) => {
      const box = el("details", { "data-figure": name, open: OPEN.has(name) }, el("summary", { text: title }), el("div", { class: "place" }), el("div", { class: "numbers" }));
      box.addEventListener("toggle", () => { if (box.open === OPEN.has(name)) return; box.open ? OPEN.add(name) : OPEN.delete(name); if (box.open) ask(); });
      return box;
    }));
    if ($("find-text").value) await search();
    levers();
    await ask();
    await fillBase();
    await fillPins();
    await study.begin(page, lang, (member) => { moved(clone(member)); levers(); scrollTo({ top: 0 }); });
  }
  async function search() {
    const text = $("find-text").value.trim();
    found = text ? await asks.search(text, lang) : [];
    $("found").replaceChildren(...found.map(leverRow), text && !found.length ? el("p", { text: word("found_none") }) : "");
    refresh();
  }
  let searching = 0;
  $("find-text").addEventListener("input", () => { clearTimeout(searching); searching = setTimeout(search, 200); });
  $("find").addEventListener("submit", (event) => { event.preventDefault(); search(); });
  $("undo").addEventListener("click", () => step(undone, redone));
  $("redo").addEventListener("click", () => step(redone, undone));
  $("reset").addEventListener("click", () => { moved({}); levers(); });
  $("pin").addEventListener("click", pin);
  $("save").addEventListener("submit", (event) => { event.preventDefault(); save(false); });
  $("save-folder").addEventListener("click", () => save(true));
  $("lang").addEventListener("change", () => { lang = $("lang").value; writeAddress(); load(); });
  addEventListener("hashchange", () => { readAddress(); undone = []; redone = []; load(); });
  addEventListener("keydown", (event) => {
    const typing = event.target.matches("input:not([type=range]):not([type=checkbox]), select");
    if (typing || !(event.ctrlKey || event.metaKey) || !["z", "y"].includes(event.key.toLowerCase())) return;
    event.preventDefault();
    if (event.key.toLowerCase() === "y" || event.shiftKey) step(redone, undone); else step(undone, redone);
  });
  readAddress();
  load().catch(() => { document.body.dataset.state = "lost"; });
})();
