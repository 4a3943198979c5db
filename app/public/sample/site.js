// Which dashboard to show on is in the address, so that each has a sample page of its own.
const site = new URLSearchParams(location.search).get("site") || "demo";

// A site of your own has this line in its pages: <script src="https://.../sdk.js" data-site="..." defer></script>
const script = document.createElement("script");
script.src = "/sdk.js";
script.dataset.site = site;
document.head.append(script);

document.querySelector("#dashboard").href = `/live/${encodeURIComponent(site)}`;
document.querySelector("#privacy").hidden = !navigator.globalPrivacyControl;
for (const link of document.querySelectorAll("nav a")) link.search = `?site=${encodeURIComponent(site)}`;

document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-event]");
  if (button === null) return;
  const { event, item } = button.dataset;
  window.roomcast?.track(event, item ? { item } : undefined);
  button.classList.add("done");
});
