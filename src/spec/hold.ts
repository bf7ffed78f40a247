/** Longest wait of a request while no instance serves, without a `hold`, in milliseconds. */
export const usualHold = 30_000;
