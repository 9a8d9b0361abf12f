// Small helpers: everything is set as text, never as markup.

export const byId = (id) => document.getElementById(id);

export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key === "class") made.className = value;
    else if (key in made) made[key] = value;
    else made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== undefined && child !== null));
  return made;
}

export const number = (value) => (value ?? 0).toLocaleString("en");

export function say(problem) {
  const alert = byId("alert");
  alert.hidden = !problem;
  alert.textContent = problem ? problem.message ?? problem : "";
  if (problem) alert.scrollIntoView({ block: "nearest" });
}

// Runs what a button asks for: the button rests meanwhile, and what goes wrong is said.
export async function doing(button, work) {
  say();
  button.disabled = true;
  try {
    return await work();
  } catch (problem) {
    say(problem);
  } finally {
    button.disabled = false;
  }
}

export function faultTable(faults) {
  const body = element("tbody");
  for (const fault of faults) {
    const rows = (fault.examples ?? []).map((example) => example.row).join(", ");
    body.append(
      element("tr", {}, element("td", {}, fault.field ?? "–"), element("td", {}, fault.message ?? fault.code),
        element("td", { class: "number" }, number(fault.count)), element("td", {}, rows)));
  }
  const head = element("tr");
  for (const [text, kind] of [["Field", ""], ["What is wrong", ""], ["Records", "number"], ["Rows, such as", ""]])
    head.append(element("th", { scope: "col", class: kind }, text));
  return element("div", { class: "scroll", tabIndex: 0, role: "region", "aria-label": "Errors by field" },
    element("table", {}, element("thead", {}, head), body));
}
