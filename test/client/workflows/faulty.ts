/** The code of a build with a fault that Temporal tries again for ever. */
export async function release(): Promise<void> {
  throw new TypeError('plan.steps is not iterable');
}
