import { readDatabaseConfig } from '#config';
import { joinEmbedded } from '#embedded-postgres';
import { migrateDown, migrateUp } from '#database';
import { MIGRATIONS } from '#migrations';
import { environment, run, urlsOf } from '#process';

/** npm run migrate: applies what is missing. npm run migrate:down: takes back the newest one. */
run(async () => {
  const config = readDatabaseConfig(environment());
  const embedded = config.database ? null : await joinEmbedded(config.dataDir);
  try {
    const { migrate } = urlsOf(config, embedded);
    if (process.argv[2] === 'down') {
      const name = await migrateDown(migrate, MIGRATIONS);
      console.log(name ? `Took back ${name}.` : 'There is no migration to take back.');
    } else {
      const names = await migrateUp(migrate, MIGRATIONS);
      console.log(names.length > 0 ? `Applied ${names.join(', ')}.` : 'The database is up to date.');
    }
  } finally {
    await embedded?.stop();
  }
});
