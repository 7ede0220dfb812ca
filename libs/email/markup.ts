const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escape = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);

/** HTML that is safe to output. Only markup`…` creates it, so any other value in a page or mail is escaped as text. */
export class Markup {
  constructor(private readonly text: string) {}

  toString(): string {
    return this.text;
  }
}

type Part = string | Markup | Part[];

const textOf = (part: Part): string => {
  if (Array.isArray(part)) return part.map(textOf).join('');
  return part instanceof Markup ? part.toString() : escape(part);
};

/** HTML with texts in it, which are escaped. */
export const markup = (pieces: TemplateStringsArray, ...parts: Part[]): Markup =>
  new Markup(pieces.map((piece, index) => (index === 0 ? '' : textOf(parts[index - 1]!)) + piece).join(''));
