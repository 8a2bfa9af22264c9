// What scripts add: themes, cards for numbers, tables that sort, code to copy. Without them every
// page is whole: numbers lead to the page's list of evidence, tables and folds are plain.
(() => {
  "use strict";
  const every = (selector, act, root = document) => root.querySelectorAll(selector).forEach(act);
  const make = (name, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };

  // A page opened from a file may not read others: search shows titles without their text.
  if (location.protocol === "file:" && typeof DOCUMENTATION_OPTIONS !== "undefined") {
    DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
  }

  // --- Themes -----------------------------------------------------------------------------------

  const root = document.documentElement;
  every("button.theme", (button) => {
    const name = () => {
      button.textContent = root.dataset.theme === "dark" ? "Light" : "Dark";
      button.ariaLabel = `${button.textContent} theme`;
    };
    button.hidden = false;
    name();
    button.addEventListener("click", () => {
      root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
      try {
        localStorage.setItem("theme", root.dataset.theme);
      } catch {
        // no storage: the choice lasts as long as the page
      }
      name();
    });
  });
  // Once all else is there: what paper will show, so that no printed figure is blank.
  addEventListener("load", () => every(".on-light img", (image) => (image.loading = "eager")));

  // --- A number opens its evidence in place -----------------------------------------------------

  const card = make("div", { className: "card", role: "dialog", tabIndex: -1, hidden: true });
  let opener = null;
  const close = () => {
    if (card.hidden) return;
    card.hidden = true;
    opener?.focus({ preventScroll: true });
  };
  const open = (link, entry) => {
    opener = link;
    const button = make("button", { type: "button", className: "close", textContent: "Close" });
    button.addEventListener("click", close);
    card.replaceChildren(...[...entry.childNodes].map((node) => node.cloneNode(true)), button);
    card.setAttribute("aria-label", `Evidence for ${link.textContent}`);
    card.hidden = false;
    const at = link.getBoundingClientRect();
    const left = Math.min(at.left, innerWidth - card.offsetWidth - 16);
    card.style.left = `${Math.max(16, left) + scrollX}px`;
    card.style.top = `${at.bottom + 6 + scrollY}px`;
    card.focus({ preventScroll: true });
    card.scrollIntoView({ block: "nearest" });
  };
  document.body.append(card);
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a.finding");
    const entry = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (entry) {
      event.preventDefault();
      open(link, entry);
    } else if (!card.contains(event.target)) {
      close();
    }
  });
  document.addEventListener("keydown", (event) => event.key === "Escape" && close());

  // --- Tables -----------------------------------------------------------------------------------

  const value = (row, column) => row.cells[column].textContent.trim();
  const compare = (a, b) => {
    const [x, y] = [a, b].map((text) => Number(text.replaceAll(",", "")));
    if (a === "" || b === "") return (a === "") - (b === "");
    return Number.isNaN(x) || Number.isNaN(y) ? a.localeCompare(b, "en", { numeric: true }) : x - y;
  };
  const sort = (table, header, column) => {
    const descending = header.getAttribute("aria-sort") === "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", descending ? "descending" : "ascending");
    const rows = [...table.tBodies[0].rows];
    rows.sort((a, b) => compare(value(a, column), value(b, column)) * (descending ? -1 : 1));
    table.tBodies[0].append(...rows);
  };
  every("table.sortable", (table) => {
    [...table.tHead.rows[0].cells].forEach((header, column) => {
      const button = make("button", { type: "button", className: "sort" }, ...header.childNodes);
      button.addEventListener("click", () => sort(table, header, column));
      header.append(button);
    });
  });
  every(".filterable", (region) => {
    const input = make("input", { type: "search" });
    const count = make("output");
    const rows = [...region.querySelectorAll("tbody tr")];
    const filter = () => {
      const words = input.value.toLowerCase().split(/\s+/);
      const shown = rows.filter((row) => {
        const text = row.textContent.toLowerCase();
        row.hidden = !words.every((word) => text.includes(word));
        return !row.hidden;
      });
      count.textContent = ` ${shown.length} of ${rows.length}`;
    };
    input.addEventListener("input", filter);
    filter();
    region.before(make("label", { className: "filter" }, "Only rows that contain ", input, count));
  });

  // Only what scrolls is a region with a tab stop.
  const regions = () =>
    every(".table-scroll, .formula", (box) => {
      const scrolls = box.scrollWidth > box.clientWidth + 1 || box.scrollHeight > box.clientHeight + 1;
      const name = box.dataset.name ?? box.querySelector("caption")?.textContent ?? "Table";
      if (scrolls) {
        box.tabIndex = 0;
        box.setAttribute("role", "region");
        box.setAttribute("aria-label", box.matches(".formula") ? "Formula" : `Table: ${name.trim()}`);
      } else {
        ["tabindex", "role", "aria-label"].forEach((attribute) => box.removeAttribute(attribute));
      }
    });
  regions();
  addEventListener("resize", regions);
  document.addEventListener("toggle", regions, true);

  // --- Exercises --------------------------------------------------------------------------------

  const numbers = "zero one two three four five six seven eight nine ten".split(" ");
  // Brackets, quotation marks and points around an answer are no part of it; that of .27 is.
  const bare = (text) => text.replace(/^(?:[\s([)\]"'“‘]|\.(?!\d))+|[\s.([)\]"'”’]+$/g, "");
  const plain = (text) => bare(text.toLowerCase().replace(/\s+/g, " "));
  const number = (text) => {
    const [first] = text.split(" ");
    const word = first === "none" ? 0 : numbers.indexOf(first);
    if (word >= 0) return word;
    // 4, 0,27, 1/16, 27 %, 4 years
    const found = /^([-−]?[\d.,]+)(?: ?\/ ?(\d+))?(?: ?%| [a-z ]+)?$/.exec(text);
    if (!found) return NaN;
    return Number(found[1].replace("−", "-").replace(",", ".")) / Number(found[2] ?? 1);
  };
  const readings = (text) => {
    const value = number(text);
    return /%|percent|per cent/.test(text) ? [value, value / 100] : [value];
  };
  const items = (text) => text.split(/ ?[,;] ?(?:and )?| and /).map(bare);
  // The same with a hyphen, a space or neither.
  const squeezed = (text) => items(text).map((item) => item.replace(/[\s-]/g, ""));
  const fits = (wanted, text) => {
    if (Array.isArray(wanted)) {
      const [low, high] = wanted;
      return readings(text).some((value) => low <= value && value <= high);
    }
    return squeezed(wanted).sort().join() === squeezed(text).sort().join();
  };
  const feedback = (question, text) => {
    if (!text) return "Give an answer first.";
    if (fits(question.right, text)) return `Right. ${question.limits}`;
    const known = [...question.wrong, ...question.slips].find(({ is }) => is && fits(is, text));
    if (known) return `Not yet. Hint: ${known.hint.replaceAll("`", "")}`;
    const unread = question.kind === "number" && Number.isNaN(number(text));
    const codes = /^[A-Z]+(, [A-Z]+)*$/.test(question.shown) && question.kind === "list";
    if (codes && /\w{6}/.test(text)) return "Not yet. Hint: give codes of capital letters, not names.";
    if (question.kind === "list") {
      const [asked, given] = [squeezed(question.right), squeezed(text)];
      const found = asked.filter((item) => given.includes(item)).length;
      return `Not yet. Hint: ${found} of the ${asked.length} asked for are in your list of ${given.length}.`;
    }
    return unread ? "Not yet: write one number." : `Not yet. ${question.limits}`;
  };
  every("form.try", (form) => {
    const question = JSON.parse(form.dataset.question);
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      form.querySelector("output").textContent = feedback(question, plain(form.elements.answer.value));
    });
  });

  // --- Code to copy -----------------------------------------------------------------------------

  if (navigator.clipboard) {
    every("article div.highlight", (box) => {
      const button = make("button", { type: "button", className: "copy", textContent: "Copy" });
      button.addEventListener("click", async () => {
        await navigator.clipboard.writeText(box.querySelector("pre").textContent);
        button.textContent = "Copied";
        setTimeout(() => (button.textContent = "Copy"), 2000);
      });
      box.append(button);
    });
  }
})();
