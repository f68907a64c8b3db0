// Opens HTML reports in Chromium and prints what is wrong with them, as JSON. Used by check_report.py.
//
//     NODE_PATH=<folder with axe-core and playwright-core> node check_report.js CHROMIUM REPORT.html…

const fs = require("fs");
const os = require("os");
const path = require("path");
const { pathToFileURL } = require("url");
const { chromium } = require("playwright-core");

const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];

async function check(context, file) {
  const page = await context.newPage();
  const url = pathToFileURL(path.resolve(file)).href;
  const requests = [], messages = [];
  page.on("request", (request) => { if (request.url() !== url) requests.push(request.url()); });
  page.on("console", (message) => { if (["error", "warning"].includes(message.type())) messages.push(message.text()); });
  page.on("pageerror", (error) => messages.push(String(error)));
  await page.goto(url);
  const seen = await page.evaluate(() => ({
    lang: document.documentElement.lang,
    headings: [...document.querySelectorAll("h1,h2,h3")].map((one) => Number(one.tagName[1])),
    figures: [...document.querySelectorAll("figure")].map((figure) => {
      const svg = figure.querySelector("svg"), box = svg.getBoundingClientRect();
      return { label: svg.getAttribute("aria-label"), width: box.width, height: box.height, marks: svg.querySelectorAll("path,text").length };
    }),
    ids: [...document.querySelectorAll("[id]")].map((one) => one.id),
    tables: document.querySelectorAll("table").length,
    captions: document.querySelectorAll("table > caption").length,
    wide: document.documentElement.scrollWidth > document.documentElement.clientWidth,
  }));
  await page.keyboard.press("Tab");
  seen.first_focus = await page.evaluate(() => document.activeElement.getAttribute("href"));
  await page.keyboard.press("Enter");
  seen.after_skip = await page.evaluate(() => document.activeElement.id);
  const own = [...messages];
  await page.evaluate(() => document.querySelectorAll("details").forEach((one) => { one.open = true; }));
  // The policy of the page forbids scripts, so axe runs in the isolated world of the debugger.
  const session = await context.newCDPSession(page);
  const { frameTree } = await session.send("Page.getFrameTree");
  const world = await session.send("Page.createIsolatedWorld", { frameId: frameTree.frame.id });
  const run = (expression) => session.send("Runtime.evaluate", {
    expression, contextId: world.executionContextId, awaitPromise: true, returnByValue: true,
  });
  await run(fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8") + ";0");
  const found = await run("axe.run(document).then((all) => JSON.stringify({passes: all.passes.length, version: axe.version, " +
    "violations: all.violations.map((one) => ({id: one.id, impact: one.impact, count: one.nodes.length, where: one.nodes[0].html.slice(0, 200)}))}))");
  if (found.exceptionDetails) throw new Error(JSON.stringify(found.exceptionDetails));
  await page.close();
  return { file: path.basename(file), bytes: fs.statSync(file).size, requests, messages: own, ...seen, axe: JSON.parse(found.result.value) };
}

(async () => {
  const [executablePath, ...files] = process.argv.slice(2);
  const profile = fs.mkdtempSync(path.join(os.tmpdir(), "report-check-"));
  const context = await chromium.launchPersistentContext(profile, { executablePath, headless: true, args: FLAGS });
  const results = [];
  for (const file of files) results.push(await check(context, file));
  await context.close();
  fs.rmSync(profile, { recursive: true, force: true });
  console.log(JSON.stringify(results, null, 1));
})();
