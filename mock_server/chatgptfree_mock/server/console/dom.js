// Elements from data.  Everything that was on the wire goes into the page as text, never as markup.

export const byId = (id) => document.getElementById(id);

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children.filter((child) => child !== null));
  return element;
}

export const make = (tag, attributes = {}, ...children) => fill(document.createElement(tag), attributes, children);

export const draw = (tag, attributes = {}, ...children) =>
  fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);

// The pages behind links are not trusted: they get neither this window nor its address.
export const link = (href, text, attributes = {}) =>
  make("a", { target: "_blank", rel: "noopener noreferrer", href, ...attributes }, text);

export const part = (title, ...content) => make("div", { class: "part" }, make("h3", {}, title), ...content);

export function facts(pairs) {
  const list = make("dl");
  for (const [name, value] of pairs) list.append(make("dt", {}, name), make("dd", {}, value));
  return list;
}

export function button(text, work, attributes = {}) {
  const made = make("button", { type: "button", ...attributes }, text);
  made.addEventListener("click", work);
  return made;
}

// Writes into a line below buttons what became of them.
export function report(element, text, { failed = false } = {}) {
  element.textContent = text;
  element.classList.toggle("bad", failed);
}

export const plural = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;
