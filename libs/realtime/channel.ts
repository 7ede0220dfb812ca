export const CHANNEL = 'tidings_realtime';
