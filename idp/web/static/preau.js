// Comforts only: every page works without this file. No wording here: it comes from the page's data attributes.
const all = (selector, act) => document.querySelectorAll(selector).forEach(act);
const make = (tag, values) => Object.assign(document.createElement(tag), values);
const live = make("p", { className: "lu" });
live.setAttribute("role", "status");
document.body.append(live);
const say = (words) => { live.textContent = words; };

// The way back to the ENT goes on by itself.
all("form[data-seul]", (form) => form.submit());

// The switch of languages takes along what was typed; never a password or a code.
const isKept = (field) => field.name && field.value && !field.readOnly && !field.dataset.voir && field.autocomplete !== "one-time-code"
  && field.type !== "hidden" && (!/radio|checkbox/.test(field.type) || field.checked);
all(".langues a:not([aria-current])", (link) => link.addEventListener("click", (event) => {
  const typed = [...document.querySelectorAll("main :is(input, select)")].filter(isKept);
  if (event.ctrlKey || event.metaKey || typed.every((field) => field.matches("select"))) return;
  event.preventDefault();
  const form = make("form", { method: "post", action: link.href, hidden: true });
  form.append(...typed.map(({ name, value }) => make("input", { name, value })));
  document.body.append(form);
  form.submit();
}));

// Show and hide a password; hidden again when the form leaves.
all("input[data-voir]", (field) => {
  const button = make("button", { type: "button", className: "lien", textContent: field.dataset.voir });
  button.setAttribute("aria-controls", field.id);
  const turn = (shown) => {
    field.type = shown ? "text" : "password";
    button.textContent = shown ? field.dataset.cacher : field.dataset.voir;
  };
  button.addEventListener("click", () => turn(field.type === "password"));
  field.form.addEventListener("submit", () => turn(false));
  field.after(button);
});

// « Un instant… », for 8 seconds at most; a second press meanwhile sends nothing.
all("form", (form) => {
  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!button?.dataset.attente) return;
    if (button.getAttribute("aria-disabled")) { event.preventDefault(); return; }
    const words = button.textContent;
    button.setAttribute("aria-disabled", "true");
    button.textContent = button.dataset.attente;
    const restore = () => { button.removeAttribute("aria-disabled"); button.textContent = words; };
    setTimeout(restore, 8000);
    addEventListener("pageshow", (shown) => { if (shown.persisted) restore(); }, { once: true });
  });
});

// The five rules, ticked while one types; the strength comes from the server.
const rules = document.getElementById("regles");
const password = document.getElementById("mot-de-passe");
if (rules && password) {
  const tests = {
    majuscule: /\p{Lu}/u, minuscule: /\p{Ll}/u, chiffre: /[0-9]/, special: /[!?@#$%&'()*+,\-.:;]/, longueur: /^.{8,}$/su,
  };
  const meter = document.querySelector(".solidite");
  const names = meter.dataset.mots.split(",");
  const judge = async (typed) => {
    try {
      const answer = await fetch(meter.dataset.adresse, { method: "POST", body: new URLSearchParams({ "mot-de-passe": typed }) });
      return answer.ok ? (await answer.json()).niveau : 0;
    } catch { return 0; }
  };
  let timer;
  password.addEventListener("input", () => {
    const typed = password.value;
    let met = 0;
    for (const [name, test] of Object.entries(tests)) {
      const line = rules.querySelector(`[data-regle=${name}]`);
      const good = test.test(typed);
      met += good;
      line.dataset.etat = good ? "oui" : "non";
      line.querySelector(".lu").textContent = good ? rules.dataset.respecte : rules.dataset.aFaire;
    }
    clearTimeout(timer);
    meter.hidden = true;
    timer = setTimeout(async () => {
      const level = typed ? await judge(typed) : 0;
      if (password.value !== typed) return;
      meter.hidden = !level;
      let words = meter.dataset.bilan.replace("{n}", met);
      if (level) {
        meter.dataset.niveau = level;
        meter.querySelector("strong").textContent = names[level - 1];
        words += ` ${meter.firstChild.textContent}${names[level - 1].toLowerCase()}`;
      }
      say(words);
    }, 1000);
  });
}

// A whole date pasted into the first field fills the three.
all("input[id^=jour]", (day) => {
  day.addEventListener("paste", (event) => {
    const parts = event.clipboardData.getData("text").trim().match(/^(\d{1,2})[\s/.-]+(\d{1,2})[\s/.-]+(\d{2,4})$/);
    if (!parts) return;
    event.preventDefault();
    ["jour", "mois", "annee"].forEach((part, i) => {
      document.getElementById(day.id.replace("jour", part)).value = parts[i + 1];
    });
  });
});

// Copy and print.
all(".outils", (place) => {
  place.replaceChildren(); // a sentence says how to print without a script
  const add = (words, act) => {
    const button = make("button", { type: "button", className: "lien", textContent: words });
    button.addEventListener("click", act);
    place.append(button);
  };
  if (navigator.clipboard) {
    add(place.dataset.copier, async () => {
      await navigator.clipboard.writeText(document.getElementById("identifiant").textContent);
      say(place.dataset.copie);
    });
  }
  add(place.dataset.imprimer, () => print());
});

// Seconds left before another SMS may be asked for.
all("[data-renvoi]", (button) => {
  const words = button.textContent;
  const end = Date.now() + 1000 * button.dataset.renvoi;
  const count = () => {
    const left = Math.ceil((end - Date.now()) / 1000);
    button.textContent = left > 0 ? `${words} (${button.dataset.dans.replace("{n}", left)})` : words;
    if (left > 0) setTimeout(count, 1000);
    else say(button.dataset.fin);
  };
  if (+button.dataset.renvoi > 0) {
    say(button.dataset.debut.replace("{n}", button.dataset.renvoi));
    count();
  }
});
