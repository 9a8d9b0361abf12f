// The served OpenAPI description, for people.

import { byId, element } from "./dom.js";

const description = await (await fetch("/openapi.json")).json();
for (const [path, methods] of Object.entries(description.paths)) {
  for (const [method, operation] of Object.entries(methods)) {
    const content = operation.requestBody?.content ?? {};
    const fields = Object.entries(content["multipart/form-data"]?.schema.properties ?? content["application/json"]?.schema.properties ?? {})
      .map(([name, schema]) => ({ name, ...schema }))
      .concat((operation.parameters ?? []).map((parameter) => ({ ...parameter, type: parameter.schema.type })));
    const list = element("ul", { class: "notes" });
    for (const field of fields) list.append(element("li", {}, element("strong", {}, field.name), ` ${field.description ?? field.type ?? ""}`));
    const answers = Object.entries(operation.responses).map(([status, answer]) => `${status} ${answer.description}`).join("; ");
    byId("operations").append(element("h3", {}, `${method.toUpperCase()} ${path}`), element("p", {}, operation.summary, "."), list,
      element("p", { class: "hint" }, answers, "."));
  }
}
