import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { readDatabaseConfig } from '#config';
import { DatabaseModule } from '#database';
import { ALL, ApiKeysService, IdentityModule, PERMISSIONS, PLATFORM_ORGANIZATION } from '#identity';
import { environment, onDatabase, run } from '#process';

/** npm run key:create [name]: creates a platform key, which may do everything in every organization. */
run(async () => {
  const config = readDatabaseConfig(environment());
  await onDatabase(config, async (urls) => {
    const app = await NestFactory.createApplicationContext(
      {
        module: class Command {},
        imports: [DatabaseModule.forRoot(urls), IdentityModule],
      },
      { logger: ['error'], abortOnError: false },
    );
    const { secret } = await app.get(ApiKeysService).create(
      {
        kind: 'platform',
        organizationId: PLATFORM_ORGANIZATION,
        permissions: new Set(PERMISSIONS),
        requestId: 'key:create',
      },
      { name: process.argv[2] ?? 'platform', scopes: [ALL] },
    );
    await app.close();
    console.log(`${secret}\n\nThis platform key is shown once. Send it as X-Api-Key.`);
  });
});
