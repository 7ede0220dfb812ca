import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { HOUSE, PEOPLE } from './people.js';

const PAGES = join(import.meta.dirname, 'dist');
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };

/** The product's own server: sign-in by a cookie, tokens for Tidings, and the page. */
export function serve({ port, issuer, tidingsUrl }) {
  const sessions = new Map();

  const routes = {
    'GET /jwks.json': () => issuer.jwks,
    'GET /me': (request) => {
      const person = sessions.get(sessionOf(request));
      return { tidingsUrl, people: PEOPLE, person };
    },
    'GET /tidings-token': async (request) => {
      const person = sessions.get(sessionOf(request));
      if (!person) return undefined;
      return { token: await issuer.sign({ userId: person.id, organizationId: HOUSE.id }) };
    },
    'POST /sign-in': (_request, response, { username }) => {
      const person = PEOPLE.find((one) => one.username === username);
      if (!person) return undefined;
      const session = randomUUID();
      sessions.set(session, person);
      response.setHeader('Set-Cookie', `session=${session}; HttpOnly; SameSite=Strict; Path=/`);
      return { person };
    },
    'POST /sign-out': (request) => {
      sessions.delete(sessionOf(request));
      return {};
    },
  };

  const respond = async (request, response) => {
    const route = routes[`${request.method} ${request.url}`];
    if (!route) return sendPage(request, response);
    const body = request.method === 'POST' ? await readJson(request) : undefined;
    const answer = await route(request, response, body);
    response.writeHead(answer ? 200 : 401, {
      'Content-Type': 'application/json',
      'Cache-Control': 'no-store',
    });
    response.end(JSON.stringify(answer ?? {}));
  };
  const server = createServer((request, response) => void respond(request, response));
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, 'localhost', resolve);
  });
}

const sessionOf = ({ headers: { cookie = '' } }) => /session=([^;]+)/.exec(cookie)?.[1];

async function readJson(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  try {
    return JSON.parse(Buffer.concat(chunks).toString()) ?? {};
  } catch {
    return {};
  }
}

async function sendPage({ url }, response) {
  const { pathname } = new URL(url, 'http://localhost');
  const file = normalize(pathname === '/' ? '/index.html' : pathname);
  const content = await readFile(join(PAGES, file)).catch(() => undefined);
  response.writeHead(content ? 200 : 404, { 'Content-Type': TYPES[extname(file)] ?? 'text/plain' });
  response.end(content ?? 'Not found');
}
