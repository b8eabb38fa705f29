/** For the startup line. */
export const describeEvery = (intervalMs: number): string => `every ${intervalMs / 1000} s`;
