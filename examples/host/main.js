import { createTidingsServer } from '@tidings/client/server';
import { createIssuer } from '../integrate/issuer.js';
import { HOUSE, PEOPLE } from './people.js';
import { serve } from './server.js';

const TIDINGS_URL = process.env.TIDINGS_URL ?? 'http://localhost:3000';
const PLATFORM_API_KEY = process.env.PLATFORM_API_KEY ?? 'a-platform-key-of-32-characters-or-more';
const PORT = Number(process.env.HOST_PORT ?? 4000);
const HOST_URL = `http://localhost:${PORT}`;

// Each product has its own people. Tidings gets them under the same ids, whenever one is created or changes.
const platform = createTidingsServer({ url: TIDINGS_URL, apiKey: PLATFORM_API_KEY });
await platform.organizations.put(HOUSE.id, { name: HOUSE.name });
const inHouse = platform.in(HOUSE.id);
for (const { id, ...person } of PEOPLE) await inHouse.members.put(id, { ...person, role: 'user' });

const issuer = await createIssuer({ issuer: HOST_URL, audience: 'tidings' });
await serve({ port: PORT, issuer, tidingsUrl: TIDINGS_URL });
console.log(`Sign in at ${HOST_URL}`);
