export { type EmbeddedDatabase, joinEmbedded, startEmbedded } from './embedded-postgres.js';
