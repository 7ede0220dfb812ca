'use client';
import { notifyManager } from '@tanstack/react-query';
import { useCallback, useSyncExternalStore } from 'react';
import type { Connection } from '../live/change-source.js';
import type { Slice } from '../live/slice.js';
import { useTidings } from './provider.js';
import { schedule } from './updates.js';

/** Shows a part of the store that is always there, in the same commit as the queries that change with it. */
export function useSlice<T>(slice: Slice<T>, onServer: T): T {
  const subscribe = useCallback(
    (onChange: () => void) => {
      const changed = notifyManager.batchCalls(onChange);
      return slice.subscribe(() => schedule(changed));
    },
    [slice],
  );
  return useSyncExternalStore(subscribe, slice.getSnapshot, () => onServer);
}

/**
 * Shows how changes arrive: `live`, `polling`, `offline`, and so on.
 *
 * @example
 * const isOffline = useConnection() === 'offline';
 */
export const useConnection = (): Connection => useSlice(useTidings().store.connection, 'idle');
