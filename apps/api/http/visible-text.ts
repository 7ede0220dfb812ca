/**
 * Anything except white space, control characters, characters that Unicode defines as invisible (zero-width, bidi
 * controls, variation selectors, Hangul fillers …), and one blank that it does not: the braille pattern without dots.
 */
const VISIBLE = /[^\s\p{Cc}\p{Default_Ignorable_Code_Point}\uFFF9-\uFFFB\u2800]/u;

/** Whether a text contains a visible character. */
export const isVisible = (text: string): boolean => VISIBLE.test(text);
