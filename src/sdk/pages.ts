/** Calls back for the page that is shown, and for each that is shown instead of it without loading anew. */
export function watchPages(show: () => void): void {
  let path: string | undefined;
  const look = (): void => {
    // A page that the browser prepares in case it is wanted has not been seen, whatever its router does.
    if (prepared() || location.pathname === path) return;
    path = location.pathname;
    show();
  };
  const again = (): void => {
    path = undefined;
    look();
  };
  // A page may have a variable or an element of this name.
  const { navigation } = window;
  if (Object.prototype.toString.call(navigation) === "[object Navigation]") {
    navigation.addEventListener("currententrychange", look);
  } else {
    for (const method of ["pushState", "replaceState"] as const) {
      const original = history[method].bind(history);
      history[method] = (...entry) => {
        original(...entry);
        look();
      };
    }
    addEventListener("popstate", look);
  }
  // Back and forward may bring a page as it was left.
  addEventListener("pageshow", ({ persisted }) => persisted && again());
  document.addEventListener("prerenderingchange", look);
  look();
}

function prepared(): boolean {
  return "prerendering" in document && document.prerendering === true;
}
