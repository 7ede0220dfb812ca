/**
 * Where unsent messages and drafts are kept. The AsyncStorage of React Native is one; browsers use IndexedDB.
 *
 * @example
 * import AsyncStorage from '@react-native-async-storage/async-storage';
 * const tidings = createTidings({ url, getToken, storage: AsyncStorage });
 */
export interface TidingsStorage {
  getAllKeys(): Promise<readonly string[]>;
  getItem(key: string): Promise<string | null>;
  setItem(key: string, value: string): Promise<void>;
  removeItem(key: string): Promise<void>;
}

/** What is kept of one person, if there is a storage. */
export class Kept {
  constructor(
    private storage: TidingsStorage | undefined,
    private readonly prefix: string,
  ) {}

  all = async <T>(kind: string): Promise<T[]> => {
    const keys = await this.#keys(this.storage, `${kind}/`);
    const values = await Promise.all(keys.map(this.#read<T>));
    return values.filter((value) => value !== undefined);
  };

  put = (kind: string, id: string, value: unknown): Promise<void> =>
    this.#attempt((storage) => storage.setItem(this.#key(kind, id), JSON.stringify(value)));

  remove = (kind: string, id: string): Promise<void> =>
    this.#attempt((storage) => storage.removeItem(this.#key(kind, id)));

  /** Removes everything, and keeps nothing from now on. */
  clear = async (): Promise<void> => {
    const { storage } = this;
    this.storage = undefined;
    const keys = await this.#keys(storage, '');
    await Promise.all(keys.map((key) => storage!.removeItem(key)));
  };

  #key = (kind: string, id: string): string => `${this.prefix}/${kind}/${id}`;

  // What cannot be read is as good as gone. The client works without it.

  #keys = async (storage: TidingsStorage | undefined, start: string): Promise<string[]> =>
    ((await storage?.getAllKeys().catch(() => [])) ?? []).filter((key) =>
      key.startsWith(`${this.prefix}/${start}`),
    );

  #read = async <T>(key: string): Promise<T | undefined> => {
    try {
      return JSON.parse((await this.storage?.getItem(key)) ?? '') as T;
    } catch {
      return undefined;
    }
  };

  /** A full or broken storage keeps nothing, and disturbs nothing else. */
  async #attempt(write: (storage: TidingsStorage) => Promise<void>): Promise<void> {
    if (this.storage) await write(this.storage).catch(() => undefined);
  }
}
