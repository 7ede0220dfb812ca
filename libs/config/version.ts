import { createRequire } from 'node:module';

/** Of this package, wherever it was built to. */
export const { version: VERSION } = createRequire(import.meta.url)('#package') as { version: string };
