import type { TidingsStorage } from './kept.js';

const NAME = 'tidings';

/** The storage of a browser; undefined where there is none. */
export function indexedDbStorage(): TidingsStorage | undefined {
  const { indexedDB } = globalThis as { indexedDB?: IDBFactory };
  if (!indexedDB) return undefined;
  let database: Promise<IDBDatabase> | undefined;

  const open = async (): Promise<IDBDatabase> => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(NAME);
    const opened = await resultOf(request);
    // The browser may close it, and another version of the client may have to change it.
    opened.onclose = opened.onversionchange = () => {
      opened.close();
      database = undefined;
    };
    return opened;
  };

  const use = async <T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<T>) => {
    database ??= open();
    database.catch(() => (database = undefined));
    const transaction = (await database).transaction(NAME, mode);
    const result = await resultOf(work(transaction.objectStore(NAME)));
    if (mode === 'readwrite') await completion(transaction);
    return result;
  };

  return {
    getAllKeys: () => use('readonly', (store) => store.getAllKeys()) as Promise<string[]>,
    getItem: async (key) =>
      ((await use('readonly', (store) => store.get(key))) as string | undefined) ?? null,
    setItem: async (key, value) => void (await use('readwrite', (store) => store.put(value, key))),
    removeItem: (key) => use('readwrite', (store) => store.delete(key)),
  };
}

const resultOf = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error!);
  });

const completion = (transaction: IDBTransaction): Promise<void> =>
  new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error!);
  });
