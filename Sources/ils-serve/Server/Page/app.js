// What the page shows when, and what its forms do.

import * as api from "./api.js";
import { byId, doing, element, faultTable, number, say } from "./dom.js";
import * as job from "./job.js";
import * as mapping from "./mapping.js";

const sections = ["sign-in", "new", "mapping", "job", "jobs"];
let catalogue;
let upload;

function show(name) {
  for (const section of sections) byId(section).hidden = section !== name;
  say();
  if (name !== "job") job.leave();
  byId(`${name}-title`).focus?.();
}

async function begin() {
  try {
    catalogue = await api.get("/api/import/entities");
    byId("type").replaceChildren(...catalogue.entities.map((entity) => element("option", { value: entity.name }, entity.name)));
    show("new");
  } catch (problem) {
    show("sign-in");
    if (problem.status !== 401 || byId("token").value) say(problem);
    byId("token").focus();
  }
}

function onSubmit(id, work) {
  byId(id).addEventListener("submit", (event) => {
    event.preventDefault();
    const form = event.currentTarget;
    doing(event.submitter ?? form.querySelector("button"), () => work(form));
  });
}

byId("sign-in").querySelector("form").addEventListener("submit", (event) => {
  event.preventDefault();
  api.signIn(byId("token").value.trim());
  begin();
});

byId("sign-out").addEventListener("click", () => {
  api.signOut();
  byId("token").value = "";
  show("sign-in");
  byId("token").focus();
});

for (const button of document.querySelectorAll("[data-go]"))
  button.addEventListener("click", () => (button.dataset.go === "jobs" ? list() : show(catalogue ? "new" : "sign-in")));

// --- a new import

const drop = byId("drop");
for (const kind of ["dragover", "dragleave", "drop"])
  drop.addEventListener(kind, (event) => {
    event.preventDefault();
    drop.classList.toggle("over", kind === "dragover");
    if (kind === "drop" && event.dataTransfer.files.length) byId("file").files = event.dataTransfer.files;
  });

onSubmit("file-form", async () => {
  const form = new FormData();
  form.append("type", byId("type").value);
  form.append("keep", "true");
  form.append("sampleSize", "5");
  if (byId("sheet").value) form.append("sheet", byId("sheet").value);
  form.append("file", byId("file").files[0]);
  const bar = byId("upload");
  bar.hidden = false;
  try {
    const answer = await api.upload("/api/import/preview", form, (share) => { if (share !== undefined) bar.value = share; });
    upload = answer.upload;
    mapping.show(answer.preview, catalogue, byId("type").value);
    byId("preview-notes").replaceChildren(...[...new Set(answer.notes)].map((note) => element("li", {}, note)));
    byId("source").value ||= byId("file").files[0].name.replace(/\..*/, "");
    byId("verdict").replaceChildren();
    show("mapping");
  } finally {
    bar.hidden = true;
  }
});

function request() {
  const form = new FormData();
  form.append("upload", upload);
  form.append("type", byId("type").value);
  form.append("source", byId("source").value);
  form.append("fieldMappings", JSON.stringify(mapping.chosen()));
  const options = { continueOnError: byId("go-on").checked, dryRun: byId("dry-run").checked };
  if (byId("duplicates").value === "skip") options.skipDuplicates = true;
  if (byId("duplicates").value === "update") options.updateExisting = true;
  if (byId("sheet").value) options.sheet = byId("sheet").value;
  form.append("options", JSON.stringify(options));
  return form;
}

byId("validate").addEventListener("click", (event) =>
  doing(event.currentTarget, async () => {
    const { validation } = await api.post("/api/import/validate", request());
    const good = validation.rejected === 0;
    byId("verdict").replaceChildren(
      element("p", { class: good ? "good" : "wrong" },
        good ? `All ${number(validation.total)} rows are valid.`
          : `${number(validation.rejected)} of ${number(validation.total)} rows would be refused.`),
      ...(validation.fields.length ? [faultTable(validation.fields)] : []));
  }));

onSubmit("start-form", async () => {
  const { jobId } = await api.post("/api/import/start", request());
  open(jobId);
});

function open(id) {
  show("job");
  job.follow(id);
}

// --- jobs

async function list() {
  try {
    const { jobs } = await api.get("/api/import/jobs?limit=100");
    byId("job-list").replaceChildren(...jobs.map((status) => {
      const button = element("button", { type: "button", class: "plain" }, status.source ?? status.id);
      button.addEventListener("click", () => open(status.id));
      const begun = status.startedAt ?? status.requestedAt;
      return element("tr", {}, element("th", { scope: "row" }, button),
        element("td", {}, `${status.type ?? ""}${status.kind === "rollback" ? " (rollback)" : ""}`),
        element("td", {}, status.status.replace("_", " ")), element("td", { class: "number" }, number(status.progress.successful)),
        element("td", { class: "number" }, number((status.progress.failed ?? 0) + (status.equation?.rejected ?? 0))),
        element("td", {}, begun ? new Date(begun).toLocaleString() : ""));
    }));
    show("jobs");
  } catch (problem) {
    say(problem);
  }
}

begin();
