import { readDatabaseConfig } from '#config';
import { joinEmbedded } from '#embedded-postgres';
import { migrateDown, migrateUp } from '#database';
import { MIGRATIONS } from '#migrations';
import { environment, run, urlsOf } from '#process';

/** npm run migrate applies missing migrations. npm run migrate:down reverts the newest one. */
run(async () => {
  const config = readDatabaseConfig(environment());
  const embedded = config.database ? null : await joinEmbedded(config.dataDir);
  try {
    const { migrate } = urlsOf(config, embedded);
    if (process.argv[2] === 'down') {
      const name = await migrateDown(migrate, MIGRATIONS);
      console.log(name ? `Reverted ${name}.` : 'There is no migration to revert.');
    } else {
      const names = await migrateUp(migrate, MIGRATIONS);
      console.log(names.length > 0 ? `Applied ${names.join(', ')}.` : 'The database is up to date.');
    }
  } finally {
    await embedded?.stop();
  }
});
