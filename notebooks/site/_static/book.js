// Tables sort by their headers and the findings can be filtered. Without scripts they are plain.
(() => {
  "use strict";

  const value = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.value ?? cell.textContent.trim();
  };

  const compare = (a, b) => {
    const [x, y] = [Number(a), Number(b)];
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

  const makeSortable = (table) => {
    [...table.tHead.rows[0].cells].forEach((header, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      button.append(...header.childNodes);
      button.addEventListener("click", () => sort(table, header, column));
      header.append(button);
    });
  };

  const makeFilterable = (region) => {
    const label = document.createElement("label");
    const input = document.createElement("input");
    const count = document.createElement("output");
    const rows = [...region.querySelectorAll("tbody tr")];
    label.className = "filter";
    label.append("Show only findings that contain ", input, count);
    input.type = "search";
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
    region.before(label);
  };

  document.querySelectorAll("table.sortable").forEach(makeSortable);
  document.querySelectorAll(".table-scroll.filterable").forEach(makeFilterable);
})();
