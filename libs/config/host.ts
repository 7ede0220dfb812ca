import type { EnvironmentReader } from './environment.js';

/**
 * The address to listen on. Development accepts weak secrets and may issue tokens to anybody, so other machines can
 * reach it only if HOST is set.
 */
export const readHost = (read: EnvironmentReader, production: boolean): string =>
  read.text('HOST') ?? (production ? '0.0.0.0' : 'localhost');
