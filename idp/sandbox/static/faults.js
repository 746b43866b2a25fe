// The page speaks to the control API as any program does. No wording here: it comes from the page's data attributes.
const form = document.querySelector("#armer");
const complaint = document.querySelector("#refus");

const ask = async (method, path, body) => {
  const answer = await fetch(`/sandbox/v1/faults${path}`, {
    method,
    headers: { "X-Preau-Sandbox": "1", "Content-Type": "application/json" },
    body: body && JSON.stringify(body),
  });
  if (answer.ok) {
    location.reload();
    return;
  }
  complaint.textContent = (await answer.json()).detail;
  complaint.hidden = false;
};

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const asked = {};
  for (const [name, value] of new FormData(form)) {
    if (value) asked[name] = value;
  }
  if (asked.times !== "always") asked.times = Number(asked.times);
  if (asked.seconds) asked.seconds = Number(asked.seconds);
  ask("POST", "", asked);
});

document.querySelectorAll("button[data-desarmer]").forEach((button) => {
  button.addEventListener("click", () => ask("DELETE", button.dataset.desarmer && `/${button.dataset.desarmer}`));
});
