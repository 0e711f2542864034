"use strict";
(() => {
  // Whatever comes from a page is set as text or as a value, never as markup; the policy in the head holds that line.

  const reviewing = document.documentElement.dataset.mode === "review";
  const ROWS = 30; // pages, and
  const BLOCKS = 250; // blocks drawn at once; more follow as they come into view
  const FEW = 8; // so much evidence is shown whole, however weak
  const BARS = 12; // bars of a chart before "all" is asked for

  const $ = (id) => document.getElementById(id);
  const number = (value) => value.toLocaleString("en");
  const percent = (part, whole) => (whole ? `${((100 * part) / whole).toFixed(part && part / whole < 0.1 ? 1 : 0)} %` : "0 %");
  const signed = (points) => (points > 0 ? `+${points}` : points < 0 ? `−${-points}` : "0");
  const plural = (count, one) => `${number(count)} ${one}${count === 1 ? "" : "s"}`;

  function make(tag, properties = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(properties)) {
      if (value === undefined || value === null || value === false) continue;
      if (name === "onclick") element.addEventListener("click", value);
      else if (name === "onchange") element.addEventListener("change", value);
      else element.setAttribute(name, value === true ? "" : value);
    }
    element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
    return element;
  }

  // --- Where data come from: from this file, or, in a review, from the process that serves it ------------------------

  function token() {
    const given = /^#token=([\w-]+)$/.exec(location.hash);
    if (given) {
      sessionStorage.setItem("clean-token", given[1]);
      history.replaceState(null, "", "#/");
    }
    return sessionStorage.getItem("clean-token") ?? "";
  }

  const fromFile = {
    async run() {
      const run = JSON.parse($("run-0").textContent);
      const summaries = Array.from(document.getElementsByClassName("summary-data"), (element) => JSON.parse(element.textContent));
      return { ...run, summaries };
    },
    async page(at) {
      return JSON.parse($(`page-${at}`).textContent);
    },
  };

  const fromServer = {
    async ask(path, body) {
      const headers = { "X-Clean-Token": this.token ??= token() };
      if (body) headers["Content-Type"] = "application/json";
      const answer = await fetch(path, { method: body ? "POST" : "GET", headers, body: body && JSON.stringify(body), cache: "no-store" });
      const value = await answer.json().catch(() => ({ error: `the answer was no JSON (${answer.status})` }));
      if (!answer.ok) throw new Error(value.error ?? `error ${answer.status}`);
      return value;
    },
    run() {
      return this.ask("/run");
    },
    page(at) {
      return this.ask(`/page/${at}`);
    },
  };

  const source = reviewing ? fromServer : fromFile;

  // --- State ---------------------------------------------------------------------------------------------------------

  let run; // what holds for the whole run, with `summaries` of all pages
  let listed = []; // numbers of the pages that are chosen
  let shown = null; // {at, page, rows, current}
  const chosen = { text: "", kind: "", rule: "", language: "", near: false, order: "given" };

  const summary = (at) => run.summaries[at];
  const name = (one) => one.title || one.id || "(no name)";
  const droppedBlocks = (one) => Object.values(one.kinds ?? {}).reduce((sum, [blocks]) => sum + blocks, 0);
  const droppedCharacters = (one) => Object.values(one.kinds ?? {}).reduce((sum, [, characters]) => sum + characters, 0);
  const kindClass = (kind) => `k-${Object.hasOwn(run.kinds, kind ?? "") ? kind : "boilerplate"}`;
  const isNarrowed = () => Boolean(chosen.text || chosen.kind || chosen.rule || chosen.language || chosen.near);

  function isChosen(one) {
    if (chosen.text && !`${one.title ?? ""}\n${one.id}`.toLowerCase().includes(chosen.text)) return false;
    if (chosen.kind && !Object.hasOwn(one.kinds ?? {}, chosen.kind)) return false;
    if (chosen.rule && !Object.hasOwn(one.rules ?? {}, chosen.rule)) return false;
    if (chosen.language && (one.language ?? "unknown") !== chosen.language) return false;
    return !(chosen.near && !one.near);
  }

  const ORDERS = {
    given: ["as they came", null],
    most: ["most removed first", (one) => -(droppedCharacters(one) / (one.characters || 1))],
    least: ["least removed first", (one) => droppedCharacters(one) / (one.characters || 1)],
    near: ["most near misses first", (one) => -(one.near ?? 0)],
    long: ["longest first", (one) => -(one.characters ?? 0)],
  };

  function choose(changes) {
    Object.assign(chosen, changes);
    const begun = performance.now();
    listed = run.summaries.flatMap((one, at) => (isChosen(one) ? [at] : []));
    const key = ORDERS[chosen.order][1];
    if (key) listed.sort((one, other) => key(summary(one)) - key(summary(other)) || one - other);
    for (const id of ["kind", "rule", "language", "order"]) $(id).value = chosen[id];
    $("near").checked = chosen.near;
    if ($("search").value.trim().toLowerCase() !== chosen.text) $("search").value = chosen.text;
    $("reset").hidden = !isNarrowed();
    drawPages();
    if (shown) markChosen();
    else drawOverview();
    document.documentElement.dataset.choice = (performance.now() - begun).toFixed(1);
  }

  // --- Drawing in portions -------------------------------------------------------------------------------------------

  const watcher = new IntersectionObserver((entries) => {
    for (const entry of entries) if (entry.isIntersecting) entry.target.more?.();
  }, { rootMargin: "600px" });

  /** Append rows a portion at a time; `upTo` draws as far as one that is wanted. */
  function drawInPortions(list, count, size, row) {
    let drawn = 0;
    const end = make("li", { class: "end", "aria-hidden": "true" });
    const more = (least = drawn + 1) => {
      const stop = Math.min(count, Math.max(least, drawn + size));
      const rows = [];
      for (; drawn < stop; drawn += 1) rows.push(row(drawn));
      end.before(...rows);
      if (drawn >= count) {
        watcher.unobserve(end);
        end.remove();
      }
    };
    end.more = () => {
      more();
      watcher.unobserve(end); // so that an end that is still in view is told of again
      if (drawn < count) watcher.observe(end);
    };
    list.replaceChildren(end);
    more();
    if (drawn < count) watcher.observe(end);
    return (at) => { if (at >= drawn) more(at + 1); };
  }

  // --- The list of pages ---------------------------------------------------------------------------------------------

  let showListed = () => {};

  function stripe(one) {
    let at = 100 * (1 - droppedCharacters(one) / (one.characters || 1));
    const stops = [`var(--kept) 0 ${at}%`];
    for (const [kind, [, characters]] of Object.entries(one.kinds ?? {})) {
      const to = at + (100 * characters) / (one.characters || 1);
      if (Object.hasOwn(run.kinds, kind)) stops.push(`var(--${kind}) ${at}% ${to}%`);
      at = to;
    }
    const bar = make("span", { class: "stripe", "aria-hidden": "true" });
    bar.style.background = `linear-gradient(90deg, ${stops.join(", ")})`;
    return bar;
  }

  function pageRow(place) {
    const at = listed[place];
    const one = summary(at);
    const facts = one.failed
      ? [make("span", { class: "bad" }, "failed")]
      : [
          `${percent(droppedCharacters(one), one.characters)} removed`,
          one.language ? ` · ${one.language}` : "",
          one.empty ? " · empty" : "",
          one.near ? make("span", { class: "nearly" }, ` · ~${one.near}`, make("span", { class: "unseen" }, " near misses")) : "",
        ];
    const current = shown?.at === at ? "page" : null;
    return make("li", {}, make("a", { href: `#/${at + 1}`, "aria-current": current, "data-at": at },
      make("bdi", { class: "name", title: one.id }, name(one)), one.failed ? null : stripe(one), make("span", { class: "facts" }, facts)));
  }

  function drawPages() {
    showListed = drawInPortions($("pages"), listed.length, ROWS, pageRow);
    const all = run.summaries.length;
    $("count").textContent = listed.length === all ? plural(all, "page") : `${number(listed.length)} of ${plural(all, "page")}`;
  }

  function markCurrent() {
    for (const link of $("pages").querySelectorAll("[aria-current]")) link.removeAttribute("aria-current");
    const place = shown ? listed.indexOf(shown.at) : -1;
    if (place < 0) return;
    showListed(place);
    const link = $("pages").querySelector(`[data-at="${shown.at}"]`);
    link?.setAttribute("aria-current", "page");
    link?.scrollIntoView({ block: "nearest" });
  }

  // --- The overview: tiles and charts over the pages that are chosen -------------------------------------------------

  function add(sums, key, one, other = 0) {
    const sum = sums.get(key);
    if (sum) {
      sum[0] += one;
      sum[1] += other;
    } else sums.set(key, [one, other]);
  }

  function sums() {
    const all = { pages: 0, failed: 0, empty: 0, blocks: 0, characters: 0, near: 0, kinds: new Map(), rules: new Map(), languages: new Map() };
    for (const at of listed) {
      const one = summary(at);
      all.pages += 1;
      if (one.failed) {
        all.failed += 1;
        continue;
      }
      all.empty += one.empty ? 1 : 0;
      all.blocks += one.blocks;
      all.characters += one.characters;
      all.near += one.near;
      add(all.languages, one.language ?? "unknown", 1);
      for (const [kind, [blocks, characters]] of Object.entries(one.kinds)) add(all.kinds, kind, blocks, characters);
      for (const [code, [went, stayed]] of Object.entries(one.rules)) add(all.rules, code, went, stayed);
    }
    return all;
  }

  function bar(share, kind, low = 0) {
    const track = make("span", { class: `track ${kind ? kindClass(kind) : ""}`, "aria-hidden": "true" }, make("span", { class: "fill" }));
    track.firstChild.style.width = `${100 * share}%`;
    if (low) {
      track.append(make("span", { class: "fill stayed" }));
      track.lastChild.style.width = `${100 * low}%`;
    }
    return track;
  }

  function chart(title, note, rows, is) {
    const list = make("ul", { class: "bars" });
    const draw = (count) => list.replaceChildren(...rows.slice(0, count).map((row) => make("li", {}, make("button",
      { type: "button", "aria-pressed": String(is === row.key), onclick: row.choose, title: row.title },
      make("span", { class: "what" }, row.dot ? make("i", { class: `dot ${kindClass(row.dot)}` }) : null, make("span", {}, row.label)), row.bar, make("span", { class: "value" }, row.value)))));
    const pressed = rows.findIndex((row) => row.key === is);
    draw(Math.max(BARS, pressed + 1));
    const more = rows.length > BARS && make("button", { type: "button", class: "quiet", onclick: () => { draw(rows.length); more.remove(); } }, `All ${number(rows.length)}`);
    return make("section", { class: "card", "aria-label": title }, make("h2", {}, title), make("p", { class: "note" }, note),
      rows.length ? list : make("p", { class: "none" }, "None."), more);
  }

  function tile(value, label) {
    return make("div", {}, make("dt", {}, label), make("dd", {}, value));
  }

  function drawOverview() {
    const all = sums();
    const dropped = [...all.kinds.values()].reduce((sum, [blocks]) => sum + blocks, 0);
    const gone = [...all.kinds.values()].reduce((sum, [, characters]) => sum + characters, 0);
    const most = (map, at = 0) => Math.max(1, ...[...map.values()].map((value) => value[at]));
    const kinds = [...all.kinds].sort((one, other) => other[1][0] - one[1][0]);
    const rules = [...all.rules].sort((one, other) => other[1][0] - one[1][0] || other[1][1] - one[1][1]);
    const languages = [...all.languages].sort((one, other) => other[1][0] - one[1][0]);
    const mostSaid = Math.max(1, ...rules.map(([, [went, stayed]]) => went + stayed));
    document.title = `clean: ${plural(run.summaries.length, "page")}`;
    $("main").replaceChildren(make("div", { class: "overview" },
      make("h1", {}, isNarrowed() ? `${number(all.pages)} of ${plural(run.summaries.length, "page")}` : plural(all.pages, "page")),
      make("dl", { class: "tiles" },
        tile(number(all.blocks), "blocks"), tile(number(all.blocks - dropped), "kept"), tile(number(dropped), "dropped"),
        tile(percent(gone, all.characters), "of the text removed"), tile(number(all.near), "near misses"),
        all.empty ? tile(number(all.empty), "empty") : null, all.failed ? tile(number(all.failed), "failed") : null),
      make("div", { class: "charts" },
        chart("Kinds of chrome", "Blocks dropped, and their share of all text. Choose one to see its pages.", kinds.map(([kind, [blocks, characters]]) => ({
          key: kind, label: kind, dot: kind, title: run.kinds[kind], value: `${number(blocks)} · ${percent(characters, all.characters)}`,
          bar: bar(blocks / most(all.kinds), kind), choose: () => choose({ kind: chosen.kind === kind ? "" : kind }) })), chosen.kind),
        chart("Rules", "Blocks that a rule spoke of and that went; behind it, in grey, those that stayed.", rules.map(([code, [went, stayed]]) => ({
          key: code, label: code, dot: run.rules[code]?.[1] ?? "boilerplate", title: run.rules[code]?.[2] ?? "The headline, given as title",
          value: stayed ? `${number(went)} + ${number(stayed)}` : number(went),
          bar: bar(went / mostSaid, run.rules[code]?.[1] ?? "boilerplate", stayed / mostSaid), choose: () => choose({ rule: chosen.rule === code ? "" : code }) })), chosen.rule),
        chart("Languages", "Pages by the language of their bodies.", languages.map(([language, [pages]]) => ({
          key: language, label: language, title: "", value: number(pages), bar: bar(pages / most(all.languages)),
          choose: () => choose({ language: chosen.language === language ? "" : language }) })), chosen.language))));
  }

  // --- One page: its source and its body side by side ----------------------------------------------------------------

  const evidence = (said) => (typeof said === "number" ? run.shared[said] : said);

  function read(row) {
    const [tag, level, lead, text, keep, kind, total, near, said] = row;
    return { tag, level, lead, text, keep, kind, total, near, said };
  }

  const rulesOf = (block) => block.said.map(evidence).filter((one) => one[3]);

  function isWanted(block) {
    if (chosen.kind || chosen.rule || chosen.near) {
      return (!chosen.kind || block.kind === chosen.kind) && (!chosen.near || block.near)
        && (!chosen.rule || rulesOf(block).some((one) => one[0] === chosen.rule));
    }
    return !block.keep;
  }

  function blockRow(at) {
    const block = shown.blocks[at];
    const codes = [...new Set(rulesOf(block).map((one) => one[0]))];
    const fate = block.keep ? "kept" : `dropped as ${block.kind}`;
    const text = make(block.keep ? "span" : "del", { class: "text", dir: "auto" }, block.lead ? `${block.lead} ` : "", block.text);
    const mark = make("button", { type: "button", class: "mark", "aria-expanded": "false",
      "aria-label": `Block ${at + 1}, ${fate}, ${signed(block.total)} points${block.near ? ", near miss" : ""}. Why?` },
      make("span", { class: "number" }, String(at + 1)), make("span", { class: "points" }, signed(block.total), block.near ? make("i", { class: "tilde", title: "near miss" }, "~") : ""));
    const row = make("li", { class: `block ${block.keep ? "kept" : `dropped ${kindClass(block.kind)}`} t-${block.tag}`, "data-at": at },
      mark, make("div", { class: "said" }, text, block.keep && !codes.length ? null : make("span", { class: "who" },
        block.keep ? null : make("span", { class: "kind" }, block.kind), codes.filter((code) => code !== block.kind).map((code) => make("code", {}, code)))));
    row.classList.toggle("wanted", (chosen.kind || chosen.rule || chosen.near) && isWanted(block));
    return row;
  }

  function markChosen() {
    for (const row of document.querySelectorAll(".source .block")) {
      row.classList.toggle("wanted", Boolean((chosen.kind || chosen.rule || chosen.near) && isWanted(shown.blocks[Number(row.dataset.at)])));
    }
    countWanted();
    markCurrent();
  }

  function countWanted() {
    const wanted = shown.blocks.filter(isWanted).length;
    const what = chosen.kind || chosen.rule || chosen.near ? "matching" : "dropped";
    $("wanted").textContent = `${number(wanted)} ${what}`;
  }

  const BODY_TAGS = { heading: "h3", quote: "blockquote", code: "pre", item: "p", row: "p", line: "p", paragraph: "p" };

  function bodyRow(place) {
    const at = shown.kept[place];
    const block = shown.blocks[at];
    const text = block.tag === "item" ? `${/[\p{L}\p{N}]/u.test(block.lead) ? block.lead : "•"} ${block.text}` : block.text;
    return make("li", {}, make(BODY_TAGS[block.tag] ?? "p", { class: `b-${block.tag}`, dir: "auto", "data-at": at }, text));
  }

  function facts(one, page) {
    const known = [["File", one.id], ["Address", page.url], ["Language", one.language], ["Form", page.form && `${page.form}, ${page.encoding}`],
      ["Repaired", page.repairs.join(", ")], ["Rules", page.ruleset]];
    return make("dl", { class: "about" }, known.filter(([, value]) => value).map(([what, value]) => make("div", {}, make("dt", {}, what), make("dd", {}, make("bdi", {}, value)))));
  }

  function legend(one) {
    return make("ul", { class: "legend" }, Object.entries(one.kinds).map(([kind, [blocks, characters]]) => make("li", {},
      make("button", { type: "button", "aria-pressed": String(chosen.kind === kind), title: run.kinds[kind], onclick: (event) => {
        choose({ kind: chosen.kind === kind ? "" : kind });
        for (const other of event.currentTarget.closest("ul").querySelectorAll("button")) other.setAttribute("aria-pressed", String(other.dataset.kind === chosen.kind));
      }, "data-kind": kind }, make("i", { class: `dot ${kindClass(kind)}` }), `${kind} `, make("b", {}, number(blocks)), ` · ${percent(characters, one.characters)}`))));
  }

  function pager() {
    const step = (by, label, key) => make("button", { type: "button", class: "tool", "aria-label": label, title: `${label} (${key})`, "aria-keyshortcuts": key, onclick: () => turn(by) }, by < 0 ? "←" : "→");
    return run.summaries.length > 1 && make("span", { class: "pager" }, step(-1, "Previous page", "["), step(1, "Next page", "]"));
  }

  function panes() {
    const source = make("ol", { class: "source", "aria-label": "Source", tabindex: "0" });
    const body = make("ol", { class: "body", "aria-label": "Body", tabindex: "0" });
    const sides = make("div", { class: "panes", "data-side": "source" });
    const tab = (side, label) => make("button", { type: "button", "aria-pressed": String(side === "source"), "data-side": side, onclick: (event) => {
      sides.dataset.side = side;
      for (const other of event.currentTarget.parentElement.children) other.setAttribute("aria-pressed", String(other === event.currentTarget));
    } }, label);
    const jump = (by, label, key) => make("button", { type: "button", class: "tool", "aria-label": label, title: `${label} (${key})`, "aria-keyshortcuts": key, onclick: () => jumpWanted(by) }, by < 0 ? "↑" : "↓");
    sides.append(
      make("section", { class: "pane", "aria-label": "Source" }, make("h2", {}, "Source ", make("span", { class: "jump" }, make("span", { id: "wanted" }), jump(-1, "Previous", "p"), jump(1, "Next", "n"))), source),
      make("section", { class: "pane", "aria-label": "Body" }, make("h2", {}, "Body ", make("span", { class: "size" }, plural(shown.kept.length, "block"))),
        shown.kept.length ? body : make("p", { class: "none" }, "Nothing is left of this page.")));
    return { sides, source, body, tabs: make("div", { class: "tabs", role: "group", "aria-label": "Side" }, tab("source", "Source"), tab("body", "Body")) };
  }

  function drawPage(at, page) {
    const one = summary(at);
    const blocks = page.blocks.map(read);
    shown = { at, page, blocks, kept: blocks.flatMap((block, place) => (block.keep ? [place] : [])), current: -1 };
    const { sides, source, body, tabs } = panes();
    shown.show = drawInPortions(source, blocks.length, BLOCKS, blockRow);
    shown.showBody = shown.kept.length ? drawInPortions(body, shown.kept.length, BLOCKS, bodyRow) : () => {};
    source.addEventListener("click", (event) => {
      const row = event.target.closest(".block");
      if (!row || event.target.closest(".detail") || (getSelection().toString() && !event.target.closest(".mark"))) return;
      toggle(Number(row.dataset.at), Boolean(event.target.closest(".mark")));
    });
    body.addEventListener("click", (event) => {
      const part = event.target.closest("[data-at]");
      if (part && !getSelection().toString()) open(Number(part.dataset.at));
    });
    const full = make("span", { class: "stripe large", "aria-hidden": "true" });
    full.style.background = stripe(one).style.background;
    document.title = `clean: ${name(one)}`;
    $("main").replaceChildren(make("article", { class: "page" },
      make("header", { class: "head" },
        make("div", { class: "title" }, make("h1", { dir: "auto" }, name(one)), pager()),
        facts(one, page), page.notes.map((note) => make("p", { class: "warn" }, note)), full,
        make("p", { class: "sum" }, `${plural(one.blocks, "block")} = ${number(shown.kept.length)} kept + ${number(one.blocks - shown.kept.length)} dropped`,
          ` · ${percent(droppedCharacters(one), one.characters)} of the text removed`, one.near ? ` · ~ ${plural(one.near, "near miss")}`.replace("misss", "misses") : ""),
        legend(one), tabs), sides));
    countWanted();
  }

  function drawFailure(at) {
    const one = summary(at);
    document.title = `clean: ${name(one)}`;
    $("main").replaceChildren(make("article", { class: "page" }, make("header", { class: "head" }, make("div", { class: "title" }, make("h1", {}, make("bdi", {}, name(one))), pager()),
      make("p", { class: "warn" }, `This input failed. ${one.failed}`))));
  }

  // --- One block: why ------------------------------------------------------------------------------------------------

  function verdict(block, said) {
    const veto = said.find((one) => one[5]);
    const decisive = said.find((one) => one[3] && one[4] && run.rules[one[0]]?.[1] === block.kind);
    if (block.kind === "title") return "Dropped as title: it is the headline, which --title puts first.";
    if (veto) return `Kept: ${veto[0]} keeps what it matches, whatever else is said.`;
    if (decisive) return `Dropped as ${block.kind}: ${decisive[0]} is decisive and drops alone.`;
    if (block.keep && block.total >= run.threshold) return "Kept: in a flat text with hardly any chrome only a decisive rule drops.";
    return `${block.keep ? "Kept" : `Dropped as ${block.kind}`} by its total.`;
  }

  function ruleCard(one) {
    const [code, points, why, , decisive, veto] = one;
    const rule = run.rules[code];
    return make("div", { class: `rule ${kindClass(rule?.[1])}` },
      make("p", { class: "rule-head" }, make("code", {}, code), make("b", {}, veto ? "keeps" : decisive ? "decisive" : signed(points)), make("span", {}, rule ? rule[2] : "The headline")),
      make("p", { class: "rule-why" }, why),
      rule ? make("p", { class: "rule-file" }, make("bdi", {}, rule[4]), " · ", make("code", {}, `clean rules show ${code}`)) : null);
  }

  function pointsRow(one, most) {
    const [who, points, why] = one;
    const track = make("span", { class: `pull ${points > 0 ? "out" : "in"}`, "aria-hidden": "true" }, make("span", {}));
    track.firstChild.style.width = `${(50 * Math.abs(points)) / most}%`;
    return make("tr", {}, make("th", { scope: "row" }, who), make("td", { class: "why" }, why), make("td", {}, track), make("td", { class: "points" }, signed(points)));
  }

  /** Many signs of one point each: first their sum, each by itself when a reader asks. */
  function weakRows(weak, most) {
    const rows = make("tbody", {});
    const sum = weak.reduce((all, one) => all + one[1], 0);
    const more = make("button", { type: "button", class: "quiet", onclick: () => rows.replaceChildren(...weak.map((one) => pointsRow(one, most))) }, `${weak.length} more, of a point each`);
    rows.append(make("tr", {}, make("td", { colspan: "3" }, more), make("td", { class: "points" }, signed(sum))));
    return rows;
  }

  function sumTable(block, said) {
    const telling = said.filter((one) => one[1]);
    const over = block.total - said.reduce((sum, one) => sum + one[1], 0);
    if (over) telling.push(["cap", over, "rules of which none is decisive say only so much together"]);
    const most = Math.max(1, ...telling.map((one) => Math.abs(one[1])));
    telling.sort((one, other) => Math.abs(other[1]) - Math.abs(one[1]));
    const strong = telling.filter((one) => Math.abs(one[1]) > 1 || telling.length <= FEW);
    const weak = telling.slice(strong.length);
    return make("table", {}, make("caption", {}, "Evidence, in decibans: to the right for chrome, to the left for body"),
      make("thead", { class: "unseen" }, make("tr", {}, ["who", "why", "pull", "points"].map((head) => make("th", { scope: "col" }, head)))),
      make("tbody", {}, strong.map((one) => pointsRow(one, most))), weak.length ? weakRows(weak, most) : null,
      make("tfoot", {}, make("tr", {}, make("th", { scope: "row" }, "in all"), make("td", { class: "why", colspan: "2" }, `blocks go from ${signed(run.threshold)} on${block.near ? "; a near miss" : ""}`), make("td", { class: "points" }, signed(block.total)))));
  }

  function detail(at) {
    const block = shown.blocks[at];
    const said = block.said.map(evidence);
    const rules = said.filter((one) => one[3]).sort((one, other) => other[5] - one[5] || other[4] - one[4] || Math.abs(other[1]) - Math.abs(one[1]));
    return make("div", { class: "detail", role: "region", "aria-label": `Why block ${at + 1} ${block.keep ? "stays" : "goes"}` },
      make("p", { class: "verdict" }, verdict(block, said)), rules.map(ruleCard), reviewing ? reviewForm(at, block) : null, sumTable(block, said));
  }

  function rowOf(at) {
    shown.show(at);
    return document.querySelector(`.source .block[data-at="${at}"]`);
  }

  function toggle(at, focus) {
    const row = rowOf(at);
    const mark = row.querySelector(".mark");
    const isOpen = mark.getAttribute("aria-expanded") === "true";
    mark.setAttribute("aria-expanded", String(!isOpen));
    row.classList.toggle("open", !isOpen);
    if (isOpen) row.querySelector(".detail").remove();
    else row.append(detail(at));
    go(at, focus, !isOpen);
  }

  function open(at) {
    const row = rowOf(at);
    document.querySelector('.tabs [data-side="source"]').click();
    if (row.querySelector(".detail")) go(at, true);
    else toggle(at, true);
  }

  const calm = matchMedia("(prefers-reduced-motion: reduce)");

  function scrollTo(element, block) {
    element?.scrollIntoView({ block, behavior: calm.matches ? "auto" : "smooth" });
  }

  /** Make a block the current one, and show its place in the body. */
  function go(at, focus = true, isOpened = false) {
    for (const old of document.querySelectorAll(".is-current")) old.classList.remove("is-current");
    shown.current = at;
    const row = rowOf(at);
    row.classList.add("is-current");
    if (focus) row.querySelector(".mark").focus({ preventScroll: true });
    if (focus || isOpened) scrollTo(row, "nearest");
    const place = shown.kept.findIndex((kept) => kept >= at);
    shown.showBody(place < 0 ? shown.kept.length - 1 : place);
    const near = shown.kept[place < 0 ? shown.kept.length - 1 : place];
    const part = document.querySelector(`.body [data-at="${near}"]`);
    if (near === at) part?.classList.add("is-current");
    if (part && getComputedStyle(part.closest(".body")).overflowY === "auto") scrollTo(part, "nearest");
    history.replaceState(null, "", `#/${shown.at + 1}/${at + 1}`);
  }

  function jumpWanted(by) {
    for (let at = shown.current + by; at >= 0 && at < shown.blocks.length; at += by) {
      if (isWanted(shown.blocks[at])) return go(at);
    }
  }

  function move(by) {
    const at = Math.min(shown.blocks.length - 1, Math.max(0, shown.current + by));
    if (shown.blocks.length) go(at);
  }

  function turn(by) {
    const place = shown ? listed.indexOf(shown.at) : -1;
    const next = listed[place < 0 ? 0 : place + by];
    if (next !== undefined) location.hash = `#/${next + 1}`;
  }

  // --- Review: a reader's word becomes a case and a rule -------------------------------------------------------------

  function tell(text, isBad = false) {
    $("told").hidden = false;
    $("told").classList.toggle("bad", isBad);
    $("told").textContent = text;
  }

  function reviewForm(at, block) {
    const ruled = run.ruled;
    const kind = make("select", { class: "kind-choice" }, ruled.map((one) => make("option", { value: one }, one)));
    kind.value = ruled.includes(block.kind) ? block.kind : "related";
    const host = shown.page.host;
    const only = host && make("input", { type: "checkbox", checked: true });
    const label = block.keep ? "This should have gone" : "This should have stayed";
    const button = make("button", { type: "button", class: "primary", onclick: () => send(button, { page: shown.at, block: at, text: block.text, keep: !block.keep, kind: kind.value, site: Boolean(only?.checked) }) }, label);
    if (block.kind === "title") return make("p", { class: "review note" }, "The headline is no part of the body; nothing to say here.");
    return make("div", { class: "review" }, button, make("label", {}, block.keep ? "as " : "rule of kind ", kind),
      only ? make("label", { class: "check" }, only, make("span", {}, "only on ", make("bdi", {}, host))) : null);
  }

  async function send(button, said) {
    button.disabled = true;
    try {
      const answer = await fromServer.ask("/verdict", said);
      run.summaries[said.page] = answer.summary;
      take(answer.page);
      drawPage(said.page, answer.page);
      choose({});
      open(said.block);
      tell(answer.told);
    } catch (error) {
      button.disabled = false;
      tell(error.message, true);
    }
  }

  function take(page) {
    Object.assign(run.rules, page.rules ?? {});
  }

  // --- Ways around ---------------------------------------------------------------------------------------------------

  async function route() {
    const [, at, block] = (/^#\/(\d+)(?:\/(\d+))?$/.exec(location.hash) ?? []).map(Number);
    $("told").hidden = true;
    if (!at || at > run.summaries.length) {
      shown = null;
      drawOverview();
      markCurrent();
      return;
    }
    if (summary(at - 1).failed) {
      shown = null;
      drawFailure(at - 1);
    } else if (shown?.at !== at - 1) {
      try {
        const page = await source.page(at - 1);
        take(page);
        drawPage(at - 1, page);
      } catch (error) {
        tell(error.message, true);
        return;
      }
      scrollTo0();
    }
    markCurrent();
    if (block && shown && block <= shown.blocks.length && shown.current !== block - 1) open(block - 1);
  }

  function scrollTo0() {
    $("main").scrollTop = 0;
    if (!matchMedia("(min-width: 62rem)").matches) $("main").scrollIntoView();
  }

  const KEYS = {
    j: () => shown && move(1), k: () => shown && move(-1),
    n: () => shown && jumpWanted(1), p: () => shown && jumpWanted(-1),
    "]": () => turn(1), "[": () => turn(-1),
    o: () => { location.hash = "#/"; },
    "/": () => $("search").focus(),
    "?": () => $("help").showModal(),
    Escape: () => {
      if (shown?.current >= 0 && rowOf(shown.current).querySelector(".detail")) toggle(shown.current, true);
    },
  };

  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.closest?.("input:not([type=checkbox]), select, textarea, dialog");
    if (isTyping && event.key === "Escape" && event.target.id === "search") event.target.blur();
    if (isTyping || event.ctrlKey || event.metaKey || event.altKey || !Object.hasOwn(KEYS, event.key)) return;
    event.preventDefault();
    KEYS[event.key]();
  });

  function options(id, none, values) {
    $(id).replaceChildren(...(none ? [make("option", { value: "" }, none)] : []), ...values.map(([value, label]) => make("option", { value }, label)));
    $(id).addEventListener("change", () => choose({ [id]: $(id).value }));
  }

  function setUp() {
    const kinds = new Set(), rules = new Set(), languages = new Set();
    for (const one of run.summaries) {
      for (const kind of Object.keys(one.kinds ?? {})) kinds.add(kind);
      for (const code of Object.keys(one.rules ?? {})) rules.add(code);
      if (!one.failed) languages.add(one.language ?? "unknown");
    }
    const shared = (set) => [...set].sort();
    options("kind", "all kinds", Object.keys(run.kinds).filter((kind) => kinds.has(kind)).map((kind) => [kind, kind]));
    options("rule", "all rules", shared(rules).map((code) => [code, run.rules[code] ? `${code} ${run.rules[code][0]}` : code]));
    options("language", "all languages", shared(languages).map((language) => [language, language]));
    options("order", null, Object.entries(ORDERS).map(([key, [label]]) => [key, label]));
    $("near").addEventListener("change", () => choose({ near: $("near").checked }));
    $("search").addEventListener("input", () => choose({ text: $("search").value.trim().toLowerCase() }));
    $("reset").addEventListener("click", () => choose({ text: "", kind: "", rule: "", language: "", near: false }));
    $("keys").addEventListener("click", () => $("help").showModal());
    $("close").addEventListener("click", () => $("help").close());
    $("run").textContent = `${plural(run.summaries.length, "page")} · version ${run.version} · threshold ${signed(run.threshold)}`;
    addEventListener("hashchange", route);
  }

  const THEMES = ["auto", "light", "dark"];

  function setTheme(theme) {
    document.documentElement.dataset.theme = theme;
    $("theme").textContent = `Theme: ${theme}`;
    try { localStorage.setItem("clean-theme", theme); } catch { /* a file of its own may keep nothing */ }
  }

  function keptTheme() {
    try { return localStorage.getItem("clean-theme"); } catch { return null; }
  }

  async function start() {
    setTheme(THEMES.includes(keptTheme()) ? keptTheme() : "auto");
    $("theme").addEventListener("click", () => setTheme(THEMES[(THEMES.indexOf(document.documentElement.dataset.theme) + 1) % THEMES.length]));
    try {
      run = await source.run();
    } catch (error) {
      $("main").replaceChildren(make("p", { class: "wait" }, `This review can't be read: ${error.message}. Open the address that clean review printed.`));
      return;
    }
    document.documentElement.classList.toggle("single", run.summaries.length === 1);
    if (run.summaries.length === 1 && !/^#\/1/.test(location.hash)) history.replaceState(null, "", "#/1");
    setUp();
    choose({});
    await route();
    document.documentElement.dataset.ready = "";
  }

  start();
})();
