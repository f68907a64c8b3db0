"use strict";
// What stands on the page: elements, tables, figures. Texts come from the server in the reader's language.
const draw = (() => {
  // An element with properties, attributes and children; text is never read as HTML.
  function el(tag, props = {}, ...children) {
    const node = document.createElement(tag);
    for (const [key, value] of Object.entries(props)) {
      if (value === undefined || value === null || value === false) continue;
      if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
      else if (key === "class") node.className = value;
      else if (key === "text") node.textContent = value;
      else node.setAttribute(key, value === true ? "" : value);
    }
    node.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
    return node;
  }

  function table(data) {
    if (!data || !data.rows) return null;
    if (data.empty) return el("p", { text: data.empty });
    const kind = (n) => (data.numeric[n] ? "number" : undefined);
    const head = el("tr", {}, ...data.heads.map((text, n) => el(text ? "th" : "td", { scope: text ? "col" : null, class: kind(n), text })));
    const rows = data.rows.map((row) => el("tr", {}, ...row.map((text, n) =>
      el(n ? "td" : "th", { scope: n ? null : "row", class: kind(n), text }))));
    return el("div", { class: "scroll", role: "region", tabindex: "0", "aria-label": data.title },
      el("table", {}, el("caption", { text: data.title }), el("thead", {}, head), el("tbody", {}, ...rows)));
  }

  function head(place, name, items, className) {
    place.replaceChildren(el("div", { class: "name" }, el("dt", { class: "name", text: name })), ...items.map((item) =>
      el("div", { class: item.key, "data-key": item.key }, el("dt", { text: item.label }), el("dd", { text: item.text }),
        item.aside ? el("dd", { class: "delta", text: item.aside }) : null)));
    place.className = className;
  }

  let latest = 0;
  // A figure by its Vega-Lite spec. Expressions are read by Vega's interpreter: nothing is compiled from text.
  async function figure(place, data, held, drawnAs, ready = () => {}) {
    const turn = String(++latest);
    place.dataset.turn = turn;
    const spec = structuredClone(data.spec);
    const room = Math.max(240, place.clientWidth - 20);
    if (spec.width && !spec.concat && !spec.facet && spec.width > room - 90) spec.width = Math.max(150, room - 90);
    const chart = el("div", { class: "chart" + (held ? " held" : ""), role: "img", tabindex: "0", "aria-label": data.description });
    const inner = el("div");
    const options = { actions: false, ast: true, renderer: "svg", defaultStyle: false, tooltip: false, mode: "vega-lite" };
    const made = await vegaEmbed(inner, spec, options);
    if (place.dataset.turn !== turn) { made.finalize(); return; }
    chart.append(inner);
    ready(made.view, inner);
    place.replaceChildren(chart, el("p", { class: "drawn", text: drawnAs }));
    place.dataset.drawn = held ? "held" : "planned";
    if (place.finalize) place.finalize();
    place.finalize = () => made.finalize();
  }

  return { el, table, head, figure };
})();
