/** Returns the fields of a created instance of revision 2 that publishes its port 8080 at the port. */
export const createdAt = (port: number) => ({
  revision: 2,
  fingerprint: 'f2',
  state: 'created',
  restarts: 0,
  health: 'none',
  ports: { '8080': port },
  published: [port],
  stopSignal: 'SIGTERM',
});
