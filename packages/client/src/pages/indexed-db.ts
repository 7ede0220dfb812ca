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

  const begin = async (mode: IDBTransactionMode): Promise<IDBObjectStore> => {
    database ??= open();
    database.catch(() => (database = undefined));
    return (await database).transaction(NAME, mode).objectStore(NAME);
  };
  const read = async <T>(work: (store: IDBObjectStore) => IDBRequest<T>) =>
    resultOf(work(await begin('readonly')));
  const write = async (work: (store: IDBObjectStore) => unknown) => {
    const store = await begin('readwrite');
    work(store);
    await committed(store.transaction);
  };

  return {
    getAllKeys: () => read((store) => store.getAllKeys()) as Promise<string[]>,
    getItem: async (key) => ((await read((store) => store.get(key))) as string | undefined) ?? null,
    setItem: (key, value) => write((store) => store.put(value, key)),
    removeItem: (key) => write((store) => store.delete(key)),
  };
}

const resultOf = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error!);
  });

const committed = (transaction: IDBTransaction): Promise<void> =>
  new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error!);
    // At once: by itself, it would wait whether another request follows.
    transaction.commit();
  });
