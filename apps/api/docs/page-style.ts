const SERVICE_HEADERS = ['X-On-Behalf-Of', 'X-Organization-Id', 'X-Request-Id'];

/** The error responses of an operation. */
const ERRORS = '[data-code^="4"], [data-code^="5"]';

const rowsOf = (names: string[]): string => names.map((name) => `tr[data-param-name="${name}"]`).join(', ');

/** The style of /docs: the header, one accent colour, and compact error responses. */
export const PAGE_STYLE = `
:root { --ink: #14213d; --accent: #0f766e; --line: #d8dee9; }
body { background: #fff; }
.swagger-ui .topbar { display: none; }

#tidings-header { position: sticky; top: 0; z-index: 10; font: 15px/1.4 system-ui, sans-serif; color: #fff; }
#tidings-header .bar { display: flex; flex-wrap: wrap; align-items: center; gap: 8px 18px; padding: 10px 24px; background: var(--ink); }
#tidings-header a { color: #fff; text-decoration: none; }
#tidings-header nav { display: flex; flex-wrap: wrap; gap: 4px 18px; margin-left: auto; }
#tidings-header nav a { border-bottom: 1px solid rgb(255 255 255 / 50%); }
#tidings-header a:hover, #tidings-header nav a:hover { color: #99f6e4; }
#tidings-header .brand { display: inline-flex; align-items: center; gap: 10px; font-size: 20px; font-weight: 650; }
#tidings-header .brand svg { width: 28px; height: 28px; }
#tidings-header rect { fill: #2dd4bf; }
#tidings-header path { fill: var(--ink); }
#tidings-header .version { color: #cbd5e1; }
#tidings-header #sign-in { background: #f1f5f9; color: var(--ink); border-bottom: 1px solid var(--line); padding-block: 8px; }
#tidings-header label { display: inline-flex; flex-wrap: wrap; align-items: center; gap: 4px 8px; }
#tidings-header select { max-width: 100%; font: inherit; color: inherit; padding: 5px 8px; border: 1px solid #94a3b8; border-radius: 6px; background: #fff; }
#tidings-header :focus-visible { outline: 2px solid #14b8a6; outline-offset: 2px; }
#tidings-header [role=status] { color: var(--accent); font-weight: 600; }
#tidings-header .switch { margin-left: auto; }

.swagger-ui .info { margin: 28px 0; }
.swagger-ui .info .title, .swagger-ui .opblock-tag { color: var(--ink); }
.swagger-ui .info .title small.version-stamp { background: var(--accent); }
.swagger-ui .scheme-container { box-shadow: none; border-block: 1px solid var(--line); padding: 16px 0; margin: 0 0 16px; }
.swagger-ui .btn.authorize { color: var(--accent); border-color: var(--accent); }
.swagger-ui .btn.authorize svg { fill: var(--accent); }
.swagger-ui .btn.execute { background: var(--accent); border-color: var(--accent); }
.swagger-ui .opblock { box-shadow: none; }
.swagger-ui .opblock .opblock-summary-path { max-width: none; }
.swagger-ui .opblock-tag, .swagger-ui .opblock { scroll-margin-top: 110px; }

/* Long examples scroll, so that an operation takes few screens. */
.swagger-ui textarea.body-param__text { min-height: 160px; }
.swagger-ui .response .highlight-code pre { max-height: 240px; overflow: auto; }

/** An error response takes one row: its codes, and beside them the example, of which six lines show the code. */
.swagger-ui .response-col_links { display: none; }
.swagger-ui .response:is(${ERRORS}) :is(.response-controls, .model-example > .tab, .headers-wrapper, .response-col_description > div:has(> .headers)) { display: none; }
.swagger-ui .response:is(${ERRORS}) .highlight-code pre { max-height: 84px; overflow: auto; }
.swagger-ui .response:is(${ERRORS}) .response-col_description p { margin: 2px 0; }
.swagger-ui .response:is(${ERRORS}) .model-example { margin-top: 0; }
.swagger-ui .response:is(${ERRORS}) td { padding-top: 4px; }
@media (min-width: 900px) {
  .swagger-ui .response:is(${ERRORS}) .response-col_description { display: grid; grid-template-columns: 2fr 3fr; gap: 0 20px; width: auto; }
  .swagger-ui .response:is(${ERRORS}) .response-col_description > * { grid-column: 2; }
  .swagger-ui .response:is(${ERRORS}) .response-col_description > .response-col_description__inner { grid-column: 1; grid-row: 1; }
  .swagger-ui .response:is(${ERRORS}) .highlight-code pre { max-height: 90px; margin: 0; padding: 6px 10px; font-size: 11px; line-height: 14px; }
}

/* The headers of services are documented once, in the introduction. */
html:not(.service-headers) .swagger-ui :is(${rowsOf(SERVICE_HEADERS)}) { display: none; }
html:not(.service-headers) .swagger-ui .parameters-container:not(:has(tr[data-param-name]:not(${rowsOf(SERVICE_HEADERS)}))) .table-container { display: none; }

@media (max-width: 640px) {
  #tidings-header { position: static; }
  #tidings-header .bar { padding-inline: 14px; }
  #tidings-header nav, #tidings-header .switch { margin-left: 0; }
  .swagger-ui .wrapper { padding-inline: 14px; }
  .swagger-ui .info .title { font-size: 28px; }
  .swagger-ui .opblock .opblock-summary { flex-wrap: wrap; }
  .swagger-ui .opblock .opblock-summary-control { min-width: 0; flex-wrap: wrap; }
  .swagger-ui .opblock .opblock-summary-path { overflow-wrap: anywhere; }
  .swagger-ui .opblock .opblock-summary-description { flex-basis: 100%; padding: 4px 0; }
  .swagger-ui .opblock-tag { flex-wrap: wrap; }
  .swagger-ui .opblock-tag small { flex-basis: 100%; padding: 0; }
  .swagger-ui .opblock-body { overflow-x: auto; }
}
`;

/** The logo of the header, as the icon of the page. */
export const ICON = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#2dd4bf"/><path d="M8 10h16v10H15l-5 4v-4H8z" fill="#14213d"/></svg>',
)}`;
