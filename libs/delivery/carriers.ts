import type { SentChannel } from './entities.js';
import type { Carrier } from './parcel.js';

/** Who carries what, by channel. */
export type Carriers = Record<SentChannel, Carrier>;

export const CARRIERS = Symbol('CARRIERS');
