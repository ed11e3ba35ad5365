const storageKey = "carrel-token";
const fragmentPrefix = "#token=";

/**
 * Reads the loopback token from the URL fragment, keeps it for this tab and takes it out of the address bar, so
 * that neither history nor a copied address carries it. A route may follow the token: "#token=.../course/a/b".
 * Returns "" in the window, where no token exists.
 */
export function takeToken(
  location: Pick<Location, "hash" | "pathname" | "search">,
  history: Pick<History, "replaceState">,
  storage: Pick<Storage, "getItem" | "setItem">,
): string {
  if (location.hash.startsWith(fragmentPrefix)) {
    const [token = "", ...route] = location.hash.slice(fragmentPrefix.length).split("/");
    storage.setItem(storageKey, decodeURIComponent(token));
    history.replaceState(null, "", `${location.pathname}${location.search}#/${route.join("/")}`);
  }
  return storage.getItem(storageKey) ?? "";
}
