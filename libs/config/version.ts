import { createRequire } from 'node:module';

/** The version of this package, wherever it is built to. */
export const { version: VERSION } = createRequire(import.meta.url)('#package') as { version: string };
