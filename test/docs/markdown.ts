import { readFile, readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export interface Section {
  file: string;
  heading: string;
  /** What GitHub makes of the heading. */
  anchor: string;
  /** All below the heading, up to the next one of the same or a higher level. */
  text: string;
}

/** README and the guides, by their paths from the root. */
export async function documents(): Promise<Map<string, string>> {
  const guides = (await readdir(`${ROOT}docs`)).filter((name) => name.endsWith('.md'));
  const paths = ['README.md', ...guides.map((name) => `docs/${name}`)];
  return new Map(
    await Promise.all(paths.map(async (path) => [path, await readFile(ROOT + path, 'utf8')] as const)),
  );
}

const FENCE = /^```[\s\S]*?^```$/gm;

/** Code is no text: a # in it begins no section, and brackets in it are no links. */
export const withoutCode = (text: string): string => text.replace(FENCE, '').replace(/`[^`]*`/g, '');

const HEADING = /^(#{1,6}) (.+)$/;

export function sectionsOf(file: string, text: string): Section[] {
  const lines = text.replace(FENCE, (code) => code.replaceAll(/^#/gm, ' #')).split('\n');
  const headings = lines.flatMap((line, at) => {
    const [, level, heading] = HEADING.exec(line) ?? [];
    return level && heading ? [{ at, level: level.length, heading }] : [];
  });
  const seen = new Map<string, number>();
  return headings.map(({ at, level, heading }, index) => {
    const end = headings.slice(index + 1).find((next) => next.level <= level)?.at ?? lines.length;
    const slug = slugOf(heading);
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    return {
      file,
      heading,
      anchor: count === 0 ? slug : `${slug}-${count}`,
      text: lines.slice(at + 1, end).join('\n'),
    };
  });
}

const slugOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-');

/** The rows of the first table of a text, as the texts of their cells. */
export function tableOf(text: string): string[][] {
  const lines = text.split('\n');
  const first = lines.findIndex((line) => line.startsWith('|'));
  const end = lines.findIndex((line, at) => at > first && !line.startsWith('|'));
  return lines.slice(first + 2, end === -1 ? undefined : end).map((line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** What stands in backticks. */
export const codesOf = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, code]) => code!);
