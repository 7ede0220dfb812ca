import type { EnvironmentReader } from './environment.js';

/**
 * The address to listen on. Development accepts weak secrets and may give tokens to anybody, so other machines cannot
 * reach it unless HOST says so.
 */
export const readHost = (read: EnvironmentReader, production: boolean): string =>
  read.text('HOST') ?? (production ? '0.0.0.0' : 'localhost');
