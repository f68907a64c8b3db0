"use strict";
// Whom the page asks: the server that it came from. An exported page has kept.js in place of this file.
const asks = (() => {
  async function* events(response) {
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      text += value;
      for (let end; (end = text.indexOf("\n\n")) >= 0; text = text.slice(end + 2)) {
        const [name, data] = text.slice(0, end).split("\n");
        yield [name.slice(7), JSON.parse(data.slice(6))];
      }
    }
  }
  async function post(path, body, heard, signal) {
    const response = await fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body), signal });
    if (!response.ok) { heard("fault", await response.json().catch(() => ({ faults: [String(response.status)] }))); return; }
    for await (const [name, data] of events(response)) heard(name, data);
  }
  const get = async (path, query) => (await fetch(`${path}?${new URLSearchParams(query)}`)).json();
  return {
    page: (lang) => get("api/page", { lang }),
    study: (lang) => get("api/study", { lang }),
    fan: async (brush, lang) => (await fetch("api/fan", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ brush, lang }) })).json(),
    search: (q, lang) => get("api/search", { q, lang }),
    answer: (body, heard, signal) => post("api/answer", body, heard, signal),
    save: (body, heard) => post("api/save", body, heard),
  };
})();
