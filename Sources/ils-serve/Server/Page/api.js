// Requests to the server: the token in a header, problems as errors whose message is for people.

let token = sessionStorage.getItem("ils-token") ?? "";

export function signIn(value) {
  token = value;
  sessionStorage.setItem("ils-token", value);
}

export function signOut() {
  token = "";
  sessionStorage.removeItem("ils-token");
}

export class Problem extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

const headers = () => (token ? { Authorization: `Bearer ${token}` } : {});

async function checked(response) {
  if (response.ok) return response;
  const problem = await response.json().catch(() => ({}));
  throw new Problem(response.status, problem.detail ?? `The server answered ${response.status}.`);
}

export async function get(path) {
  return (await checked(await fetch(path, { headers: headers() }))).json();
}

export async function post(path, body) {
  const json = body && !(body instanceof FormData);
  const response = await fetch(path, {
    method: "POST",
    headers: { ...headers(), ...(json ? { "Content-Type": "application/json" } : {}) },
    body: json ? JSON.stringify(body) : body,
  });
  return (await checked(response)).json();
}

// Sends a form whose file may be large: fetch does not tell how far it is.
export function upload(path, form, progress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", path);
    for (const [name, value] of Object.entries(headers())) request.setRequestHeader(name, value);
    request.responseType = "json";
    request.upload.onprogress = (event) => progress(event.lengthComputable ? event.loaded / event.total : undefined);
    request.onerror = () => reject(new Problem(0, "The server cannot be reached."));
    request.onload = () =>
      request.status < 300
        ? resolve(request.response)
        : reject(new Problem(request.status, request.response?.detail ?? `The server answered ${request.status}.`));
    request.send(form);
  });
}

// Server-sent events, read by fetch: EventSource could not send the token.
export async function* events(path, signal) {
  const response = await checked(await fetch(path, { headers: headers(), signal }));
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    text += value;
    const blocks = text.split("\n\n");
    text = blocks.pop();
    for (const block of blocks) {
      const data = block.split("\n").filter((line) => line.startsWith("data: ")).map((line) => line.slice(6)).join("\n");
      if (data) yield JSON.parse(data);
    }
  }
}

export async function download(path, name) {
  const response = await checked(await fetch(path, { headers: headers() }));
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await response.blob());
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
