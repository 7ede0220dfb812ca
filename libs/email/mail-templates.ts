import type { Item, MailContent } from './mail-content.js';
import { type Markup, markup } from './markup.js';

export function textOf({ greeting, sections, reason, unsubscribeUrl }: MailContent): string {
  const main = sections.flatMap(({ label, groups }) => [
    label === null ? '' : `== ${label} ==`,
    ...groups.flatMap(({ items, more }) => [
      ...items.flatMap(({ title, body, url }) => [title, body, url ?? '']),
      more === 0 ? '' : `and ${more} more`,
    ]),
  ]);
  const paragraphs = [greeting, ...main, `-- \n${reason}\nUnsubscribe: ${unsubscribeUrl}`];
  return `${paragraphs.filter((paragraph) => paragraph !== '').join('\n\n')}\n`;
}

const PAGE = 'margin: 0; padding: 24px; font: 16px/1.5 system-ui, sans-serif; color: #222';
const FOOT = 'margin-top: 32px; padding-top: 16px; border-top: 1px solid #ddd; font-size: 13px; color: #666';

/** Styles are inline, because mail programs remove style sheets. */
export function htmlOf(content: MailContent): string {
  const main = content.sections.map(({ label, groups }) => [
    label === null ? '' : markup`<h1 style="font-size: 18px; margin: 32px 0 8px">${label}</h1>\n`,
    groups.map(({ items, more }) => [
      items.map(itemHtml),
      more === 0 ? '' : markup`<p style="margin: 4px 0; color: #666">and ${String(more)} more</p>\n`,
    ]),
  ]);
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${content.subject}</title>
</head>
<body style="${PAGE}"><div style="max-width: 600px; margin: 0 auto">
<p style="color: #666">${content.organization}</p>
<p>${content.greeting}</p>
${main}<p style="${FOOT}">${content.reason}
<a href="${content.unsubscribeUrl}" style="color: #666">Unsubscribe</a></p>
</div></body>
</html>
`.toString();
}

const itemHtml = ({ title, body, url }: Item): Markup => markup`
<h2 style="font-size: 16px; margin: 16px 0 4px">${title}</h2>
${body === '' ? '' : markup`<p style="margin: 4px 0; white-space: pre-line">${body}</p>\n`}
${url === null ? '' : markup`<p style="margin: 4px 0"><a href="${url}">${url}</a></p>\n`}`;
