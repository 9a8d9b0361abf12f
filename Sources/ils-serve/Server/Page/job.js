// One job: followed while it runs, with its errors, downloads and the way back.

import * as api from "./api.js";
import { byId, doing, element, faultTable, number, say } from "./dom.js";

let current;
let following;

const final = ["completed", "failed", "cancelled", "rolled_back"];
const names = { pending: "waits for its turn", processing: "is running", completed: "is complete", failed: "has failed",
  cancelled: "was cancelled", rolled_back: "was rolled back" };

export function leave() {
  following?.abort();
}

export async function follow(id) {
  leave();
  following = new AbortController();
  const signal = following.signal;
  byId("job-errors").replaceChildren();
  byId("rollback-form").hidden = true;
  try {
    for await (const status of api.events(`/api/import/events/${id}`, signal)) show(status);
    if (final.includes(current?.status)) await errors(id);
  } catch (problem) {
    if (!signal.aborted) say(problem);
  }
}

function show(status) {
  current = status;
  const { progress } = status;
  byId("job-facts").textContent = `${status.type} from ${status.source}${status.dryRun ? " (dry run)" : ""}, job ${status.id}`;
  const bar = byId("job-progress");
  if (final.includes(status.status)) bar.value = 1;
  else if (progress.total) bar.value = Math.min(progress.processed / progress.total, 1);
  else bar.removeAttribute("value");
  const share = progress.total && !final.includes(status.status) ? `, ${Math.floor((100 * progress.processed) / progress.total)} %` : "";
  byId("job-status").textContent = `The import ${names[status.status]}${share}.${status.message ? ` ${status.message}` : ""}`;
  const equation = status.equation ?? {};
  const counts = [["rows", progress.total ?? equation.rows], ["loaded", progress.successful], ["skipped", progress.skipped],
    ["failed", progress.failed], ["refused before", equation.rejected]];
  byId("job-counts").replaceChildren(...counts.filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, number(value)))));
  actions(status);
}

function actions(status) {
  const buttons = [];
  const button = (text, kind, work) => {
    const made = element("button", { type: "button", class: kind }, text);
    made.addEventListener("click", () => doing(made, work));
    buttons.push(made);
  };
  if (!final.includes(status.status)) button("Cancel", "second", () => api.post(`/api/import/cancel/${status.id}`));
  if (status.resumable) button("Resume", "", async () => {
    await api.post(`/api/import/resume/${status.id}`);
    follow(status.id);
  });
  if (final.includes(status.status) && !status.dryRun && status.status !== "rolled_back" && status.progress.successful)
    button("Roll back …", "second", () => askRollback(status));
  byId("job-actions").replaceChildren(...buttons);
}

async function errors(id) {
  const response = await api.get(`/api/import/status/${id}`);
  const faults = new Map();
  for (const error of response.status.errors) {
    const key = `${error.field}|${error.code}`;
    const fault = faults.get(key) ?? { field: error.field, message: error.message, count: 0, examples: [] };
    fault.count += 1;
    if (fault.examples.length < 5 && error.row) fault.examples.push({ row: error.row });
    faults.set(key, fault);
  }
  const place = byId("job-errors");
  if (!faults.size) return place.replaceChildren();
  const save = (text, path, name) => {
    const made = element("button", { type: "button", class: "second" }, text);
    made.addEventListener("click", () => doing(made, () => api.download(path, name)));
    return made;
  };
  const most = response.status.errors.length >= 100 ? " (of the first hundred)" : "";
  place.replaceChildren(
    element("h3", {}, `Errors by field${most}`),
    faultTable([...faults.values()].sort((a, b) => b.count - a.count)),
    element("p", { class: "buttons" },
      save("All errors (CSV)", `/api/import/errors/${id}?format=csv`, `errors-${id}.csv`),
      save("Refused records (NDJSON)", `/api/import/rejects/${id}`, `rejects-${id}.ndjson`)));
}

function askRollback(status) {
  const form = byId("rollback-form");
  byId("rollback-text").textContent = `This takes back what this import did: ${number(status.progress.successful)} rows. `
    + "Rows that somebody changed since stay.";
  byId("rollback-word").textContent = status.source;
  byId("rollback-confirm").value = "";
  form.querySelector("button").disabled = true;
  form.hidden = false;
  byId("rollback-confirm").focus();
}

byId("rollback-confirm").addEventListener("input", (event) => {
  byId("rollback-form").querySelector("button").disabled = event.target.value !== current.source;
});

byId("rollback-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const form = event.currentTarget;
  doing(form.querySelector("button"), async () => {
    const answer = await api.post(`/api/import/rollback/${current.id}`);
    form.hidden = true;
    await follow(current.id);
    byId("job-status").textContent = `${answer.message}.`;
    byId("job-title").focus();
  });
});
