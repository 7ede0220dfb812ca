import { createHash } from 'node:crypto';
import { type Markup, type Subscription, labelOf, markup } from '#email';

const STYLE = markup`
body { margin: 0; padding: 48px 24px; font: 16px/1.5 system-ui, sans-serif; color: #222; background: #fff }
main { max-width: 480px; margin: 0 auto }
h1 { font-size: 22px }
button { padding: 10px 20px; font: inherit; color: #fff; background: #1a56c4; border: 0; border-radius: 6px }
`;

/** Loads and runs nothing, and posts the form only to this server. */
export const UNSUBSCRIBE_POLICY = [
  `default-src 'none'`,
  `style-src 'sha256-${createHash('sha256').update(STYLE.toString()).digest('base64')}'`,
  `form-action 'self'`,
  `frame-ancestors 'none'`,
  `base-uri 'none'`,
].join('; ');

/** The form is posted to the URL of the page. */
const FORM = markup`<form method="post">
<input type="hidden" name="List-Unsubscribe" value="One-Click"><button>Unsubscribe</button>
</form>`;

export function presentSubscription({ organization, type, status }: Subscription): string {
  const what = type === null ? 'in digests' : `about ${labelOf(type)}`;
  const parts: Record<Subscription['status'], Markup> = {
    on: markup`<h1>No more e-mail ${what}?</h1>
<p>${organization} will not send you e-mail ${what} any more. All else stays as it is.</p>
${FORM}`,
    off: markup`<h1>You are unsubscribed</h1>
<p>${organization} sends you no e-mail ${what}. You can change that in your preferences.</p>`,
    locked: markup`<h1>This e-mail cannot be turned off</h1>
<p>${organization} sends e-mail ${what} to all of its members.</p>`,
  };
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${organization}</title>
<style>${STYLE}</style>
</head>
<body><main>${parts[status]}</main></body>
</html>
`.toString();
}
