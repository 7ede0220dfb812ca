/** By its IANA name: a bare offset knows nothing of summer time. */
export const isTimeZone = (text: string): boolean => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions() && !/^[+-]/.test(text);
  } catch {
    return false;
  }
};
