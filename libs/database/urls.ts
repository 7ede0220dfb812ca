/** The URLs of PostgreSQL for each role's login. One URL may serve for all. */
export interface DatabaseUrls {
  request: string;
  relay: string;
  migrate: string;
}

export const DATABASE_URLS = Symbol('DATABASE_URLS');
