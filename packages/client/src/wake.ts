/** What browsers have and others may lack. */
interface Page {
  addEventListener?: (type: string, listener: () => void) => void;
  removeEventListener?: (type: string, listener: () => void) => void;
  document?: Page & { visibilityState: string; hasFocus?: () => boolean };
}

const page = (): Page => globalThis;

/** Whether the page is hidden, as far as that is known. */
export const isHidden = (): boolean => page().document?.visibilityState === 'hidden';

export const isVisible = (): boolean => !isHidden();

/** Whether the person may be looking at the page. */
export const isAttended = (): boolean => isVisible() && page().document?.hasFocus?.() !== false;

/** Calls the listener when the browser is online again or the page visible again, until the returned function is called. */
export const onWake = (listener: () => void): (() => void) =>
  listen(['online', listener], [VISIBILITY, () => isHidden() || listener()]);

/**
 * Calls back once the condition, which is one of those above, has held for a while, and again whenever it has begun to
 * hold again, until the returned function is called.
 */
export function whenHeld(condition: () => boolean, milliseconds: number, callback: () => void): () => void {
  let timer: ReturnType<typeof setTimeout>;
  const look = () => {
    clearTimeout(timer);
    if (condition()) timer = setTimeout(callback, milliseconds);
  };
  look();
  const stop = listen([VISIBILITY, look], ['focus', look], ['blur', look]);
  return () => {
    clearTimeout(timer);
    stop();
  };
}

const VISIBILITY = 'visibilitychange';

function listen(...given: [type: string, listener: () => void][]): () => void {
  const stops = given.map(([type, listener]) => {
    const target = type === VISIBILITY ? page().document : page();
    target?.addEventListener?.(type, listener);
    return () => target?.removeEventListener?.(type, listener);
  });
  return () => stops.forEach((stop) => stop());
}
