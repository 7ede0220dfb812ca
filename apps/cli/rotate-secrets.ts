import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { ConfigModule, ConfigurationError, readWorkerConfig } from '#config';
import { DatabaseModule } from '#database';
import { SecretRotationService, SecretRotationModule } from '#delivery';
import { NotificationsModule } from '#notifications';
import { UnreadableSecret } from '#secrets';
import { environment, onDatabase, run } from '#process';

/**
 * npm run secrets:rotate: re-encrypts every secret in the database with SECRETS_KEY. Servers may run meanwhile with
 * both keys. Afterwards SECRETS_KEY_PREVIOUS is no longer needed.
 */
run(async () => {
  const config = readWorkerConfig(environment());
  await onDatabase(config, async (urls) => {
    // The entities of deliveries refer to those of notifications.
    const app = await NestFactory.createApplicationContext(
      {
        module: class Command {},
        imports: [
          ConfigModule.forRoot(config),
          DatabaseModule.forRoot(urls),
          NotificationsModule,
          SecretRotationModule,
        ],
      },
      { logger: false, abortOnError: false },
    );
    try {
      const { secrets, organizations } = await app.get(SecretRotationService).rotateAll();
      console.log(
        `Re-encrypted ${secrets} secrets; ${organizations} organizations use only the current key.`,
      );
    } catch (error) {
      if (!(error instanceof UnreadableSecret)) throw error;
      throw new ConfigurationError(`${error.explanation} Set SECRETS_KEY_PREVIOUS to that key.`);
    } finally {
      await app.close();
    }
  });
});
