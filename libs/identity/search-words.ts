/**
 * People are found by the beginnings of the words in their names. Up to this length, each beginning has a row of its
 * own.
 */
export const PREFIX_LENGTH = 3;

/** The maximum per name. Later words cannot be searched for. */
const MAX_WORDS = 20;

const SEPARATORS = /[^\p{L}\p{N}\p{So}]+/u;

/**
 * Lower case without diacritics. It is done in Node, because PostgreSQL's result depends on version and locale, so
 * rows that one version wrote would not be found by another.
 */
const fold = (text: string): string =>
  text
    .normalize('NFKD')
    .toLowerCase()
    .normalize('NFKD')
    .replaceAll(/\p{M}+/gu, '');

/** The distinct words of a text, folded. */
export const wordsOf = (text: string): string[] => [
  ...new Set(
    fold(text)
      .split(SEPARATORS)
      .filter((word) => word !== '')
      .slice(0, MAX_WORDS),
  ),
];

const characters = (word: string): string[] => [...word];

/** The row in which a word is searched: the beginning of the word. */
export const prefixOf = (word: string): string => characters(word).slice(0, PREFIX_LENGTH).join('');

/** Whether the row of the prefix alone proves that a word begins like this. */
export const isShort = (word: string): boolean => characters(word).length <= PREFIX_LENGTH;

/** The text that a stored list of words contains if one of them begins like this. */
export const startOf = (word: string): string => ` ${word}`;

export interface SearchRow {
  prefix: string;
  /** For prefixes of full length: all words that begin like this, each after a space. */
  words: string;
}

/** The rows by which a member is found. */
export function searchRowsOf(username: string, displayName: string): SearchRow[] {
  const rows = new Map<string, string>();
  for (const word of new Set([...wordsOf(username), ...wordsOf(displayName)])) {
    for (let length = 1; length <= Math.min(PREFIX_LENGTH, characters(word).length); length++) {
      const prefix = characters(word).slice(0, length).join('');
      const words = rows.get(prefix) ?? '';
      rows.set(prefix, length === PREFIX_LENGTH ? words + startOf(word) : words);
    }
  }
  return [...rows].map(([prefix, words]) => ({ prefix, words }));
}
