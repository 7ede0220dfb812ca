export { SecretBox, type SecretPlace } from './secret-box.js';
export { SecretsModule } from './secrets.module.js';
export { UnreadableSecret } from './unreadable-secret.js';
