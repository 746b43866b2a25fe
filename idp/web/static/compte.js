// A comfort only: the server closes a page of an account, script or not. No wording here: it comes from the page's data attributes.
// The page says so three minutes before, and leaves nothing to the next one at this telephone.
document.querySelectorAll("[data-veille]").forEach((notice) => {
  const { veille, vers, suite } = notice.dataset;
  const button = Object.assign(document.createElement("button"), { type: "button", className: "lien", textContent: suite });
  let timers = [];
  const begin = () => {
    timers.forEach(clearTimeout);
    notice.hidden = true;
    timers = [
      setTimeout(() => { notice.hidden = false; }, 1000 * (veille - 180)),
      setTimeout(() => { location.replace(vers); }, 1000 * veille + 1000),
    ];
  };
  button.addEventListener("click", async () => {
    try { if ((await fetch(vers, { redirect: "manual" })).ok) { begin(); return; } } catch { /* the page closes in time */ }
    location.replace(vers);
  });
  notice.append(button);
  begin();
});
