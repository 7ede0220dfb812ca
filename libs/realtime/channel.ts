/** NOTIFY channels. Triggers notify some of them, too: see CreatePresence1763640060000. */

/** In which organizations something may have changed, as a ChangeNotice. */
export const CHANNEL = 'tidings_realtime';

/** Who types, and in which threads. */
export const TYPING_CHANNEL = 'tidings_typing';

/** Whose presence may have changed for somebody, as a ChangeNotice. */
export const PRESENCE_CHANNEL = 'tidings_presence';

/** Whose leases must be written again, because a setting changed, as a ChangeNotice. */
export const PRESENCE_SETTINGS_CHANNEL = 'tidings_presence_settings';
