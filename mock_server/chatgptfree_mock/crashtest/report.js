// Filters the cases, opens the one that the address names, and all that are shown when the report is printed.

const form = document.getElementById("filter");
const cases = [...document.querySelectorAll(".case")];
const groups = [...document.querySelectorAll(".group")];
const chosen = (name) => new FormData(form).getAll(name);

function fits(one, verdicts, group, grade, words) {
  const { verdict, group: own, grade: ownGrade, text } = one.dataset;
  return verdicts.includes(verdict) && (!group || group === own) && (!grade || grade === ownGrade)
    && words.every((word) => text.toLowerCase().includes(word));
}

function filter() {
  const [group, grade, search] = ["group", "grade", "search"].map((name) => chosen(name)[0] ?? "");
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const verdicts = chosen("verdict");
  for (const one of cases) one.hidden = !fits(one, verdicts, group, grade, words);
  for (const each of groups) each.hidden = !each.querySelector(".case:not([hidden])");
  const count = cases.filter((one) => !one.hidden).length;
  document.getElementById("count").textContent = `${count} of ${cases.length} shown`;
}

function named() {
  try {
    return document.getElementById(decodeURIComponent(location.hash.slice(1)));
  } catch {
    return null;  // not the name of anything: a `%` that encodes nothing
  }
}

function openNamed() {
  const target = named();
  const one = target?.closest(".case");
  if (!one) return;
  if (one.hidden) form.reset();
  for (const box of form.elements.verdict.length ? form.elements.verdict : [form.elements.verdict]) {
    if (box.value === one.dataset.verdict) box.checked = true;
  }
  filter();
  one.open = true;
  one.scrollIntoView();
}

if (form) {
  form.hidden = false;
  form.addEventListener("input", filter);
  form.addEventListener("reset", () => setTimeout(filter));
  form.addEventListener("submit", (event) => event.preventDefault());
  filter();
  openNamed();
  addEventListener("hashchange", openNamed);
}
addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((one) => { one.open = true; }));
