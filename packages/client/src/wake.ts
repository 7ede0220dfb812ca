/** What browsers have and others may lack. */
interface Page {
  addEventListener?: (type: string, listener: () => void) => void;
  removeEventListener?: (type: string, listener: () => void) => void;
  document?: Page & { visibilityState: string };
}

/** Calls the listener when the browser is online again or the page visible again, until the returned function is called. */
export function onWake(listener: () => void): () => void {
  const page = globalThis as Page;
  const { document } = page;
  if (!page.addEventListener || !document?.addEventListener) return () => undefined;
  const ifVisible = () => document.visibilityState === 'visible' && listener();
  page.addEventListener('online', listener);
  document.addEventListener('visibilitychange', ifVisible);
  return () => {
    page.removeEventListener?.('online', listener);
    document.removeEventListener?.('visibilitychange', ifVisible);
  };
}
