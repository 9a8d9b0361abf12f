// The preview of a file, and the table in which its columns get their fields.

import { byId, element, number } from "./dom.js";

let entity;
let transforms = [];
let suggestions = new Map();

export function show(preview, catalogue, type) {
  entity = catalogue.entities.find((known) => known.name === type);
  transforms = catalogue.transforms.filter((name) => !["custom", "append", "pad", "split_name"].includes(name));
  suggestions = new Map(preview.suggestedMappings.map((mapping) => [mapping.sourceField ?? mapping.sourceFields[0], mapping]));
  const refused = preview.rejectedRows ? `, ${number(preview.rejectedRows)} of them unreadable` : "";
  byId("preview-facts").textContent = `${number(preview.totalRows)} rows${refused}, ${preview.headers.length} columns.`;
  sample(preview);
  const body = byId("columns").tBodies[0];
  body.replaceChildren(...preview.headers.map(row));
  missing();
}

function sample(preview) {
  const head = element("tr");
  for (const name of preview.headers) head.append(element("th", { scope: "col" }, name));
  const body = element("tbody");
  for (const record of preview.records.slice(0, 5)) {
    const line = element("tr");
    for (const name of preview.headers) {
      const value = record[name];
      line.append(element("td", {}, value === null || value === undefined ? "" : typeof value === "object" ? JSON.stringify(value) : String(value)));
    }
    body.append(line);
  }
  byId("sample").replaceChildren(element("thead", {}, head), body);
}

function row(name) {
  const suggestion = suggestions.get(name);
  const field = element("select", { "aria-label": `Field for ${name}` }, element("option", { value: "" }, "not loaded"));
  for (const known of entity.fields)
    field.append(element("option", { value: known.name }, known.name + (known.required ? " (required)" : "")));
  field.value = suggestion?.targetField ?? "";
  const transform = element("select", { "aria-label": `Transform for ${name}` });
  const proposed = JSON.stringify(suggestion?.transform ?? "none");
  transform.append(element("option", { value: proposed }, words(suggestion?.transform ?? "none")));
  for (const known of transforms)
    if (JSON.stringify(known) !== proposed) transform.append(element("option", { value: JSON.stringify(known) }, known));
  field.addEventListener("change", missing);
  const why = suggestion ? `${Math.round(suggestion.confidence * 100)} %: ${suggestion.reason}` : "";
  return element("tr", {}, element("th", { scope: "row" }, name), element("td", {}, field), element("td", {}, transform),
    element("td", { class: "hint" }, why));
}

function words(transform) {
  if (Array.isArray(transform)) return transform.map(words).join(", ");
  if (typeof transform === "string") return transform;
  const { transform: name, ...options } = transform;
  return `${name} (${Object.values(options).join(", ")})`;
}

const rows = () => [...byId("columns").tBodies[0].rows];

function missing() {
  const taken = rows().map((line) => line.querySelector("select").value);
  const without = entity.fields.filter((field) => field.required && !taken.includes(field.name)).map((field) => field.name);
  const twice = [...new Set(taken.filter((name, index) => name && taken.indexOf(name) !== index))];
  const faults = [];
  if (without.length) faults.push(`Required, and without a column: ${without.join(", ")}.`);
  if (twice.length) faults.push(`Chosen twice: ${twice.join(", ")}.`);
  byId("missing").textContent = faults.join(" ");
}

export function chosen() {
  return rows().map((line) => {
    const [field, transform] = line.querySelectorAll("select");
    return { sourceField: line.cells[0].textContent, targetField: field.value, transform: JSON.parse(transform.value),
      required: entity.fields.some((known) => known.name === field.value && known.required) };
  }).filter((mapping) => mapping.targetField);
}
