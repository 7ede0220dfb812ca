/**
 * Anything but white space, control characters, what Unicode says to show nothing of (zero-width, bidi controls,
 * variation selectors, Hangul fillers …), and the blank that it does not: the braille pattern without dots.
 */
const VISIBLE = /[^\s\p{Cc}\p{Default_Ignorable_Code_Point}\uFFF9-\uFFFB\u2800]/u;

/** Whether there is anything to see in a text. */
export const isVisible = (text: string): boolean => VISIBLE.test(text);
