/** Checks an IANA name. An offset is refused, because it has no summer time. */
export const isTimeZone = (text: string): boolean => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions() && !/^[+-]/.test(text);
  } catch {
    return false;
  }
};
